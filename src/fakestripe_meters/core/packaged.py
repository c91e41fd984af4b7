"""The text of files that are part of a package."""


def text_of(package: str, name: str) -> str:
    """Return the text of a file in a package, wherever that is: also in an archive."""
    from importlib.resources import (
        files,  # imported late: it loads archives and temporary files, and few calls read one
    )

    return files(package).joinpath(name).read_text("utf-8")
