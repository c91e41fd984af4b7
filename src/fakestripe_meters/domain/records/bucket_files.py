"""What is known of the folder that stands for the S3 bucket: which versions of its files were dealt with."""

from collections.abc import Mapping
from dataclasses import field

from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass

Version = tuple[int, int]
"""When a file was modified, in nanoseconds since 1970 by the machine's clock, and its size in bytes."""


@dataclass(eq=False)
class BucketFiles(Part, name="bucket"):
    """The files of the bucket, by their names: paths below the folder, with slashes."""

    polled: bool = False
    """Whether there was a poll: the first one leaves out what is old."""
    taken: Mapping[str, Version] = field(default_factory=dict)
    """The newest version of each file that was imported, or left out for good."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Why a file was not imported by the last poll."""
