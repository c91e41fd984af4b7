"""A form with a file in it, as a browser sends it. Werkzeug's own client leaves temporary files open."""

from typing import TypedDict

BOUNDARY = "between-the-fields"


class Form(TypedDict):
    """Arguments of a client's `post`."""

    data: bytes
    content_type: str


def form(content: bytes, filename: str, **fields: str) -> Form:
    """A form with a file in the field `file`."""
    plain = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in fields.items()]
    disposition = f'Content-Disposition: form-data; name="file"; filename="{filename}"'
    file = f"{disposition}\r\nContent-Type: text/csv\r\n\r\n".encode() + content
    parts = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in (*plain, file))
    return {"data": parts + f"--{BOUNDARY}--\r\n".encode(), "content_type": f"multipart/form-data; boundary={BOUNDARY}"}
