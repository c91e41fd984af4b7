"""What a usage file may be: the kinds, where it comes from, and how large it may be.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk,
https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-dashboard.
"""

from typing import Literal

Source = Literal["s3", "dashboard"]
Kind = Literal["csv", "json", "jsonl"]
SOURCES = ("s3", "dashboard")
KINDS: tuple[Kind, ...] = ("csv", "json", "jsonl")
ENDINGS = tuple(f".{kind}" for kind in KINDS)
# documented: 1 GB from a bucket, 5 MB in the Dashboard.
# inferred: both are powers of two.
LARGEST = 2**30
"""How many bytes a file may have."""
MOST_BYTES = {"s3": LARGEST, "dashboard": 5 * 2**20}
