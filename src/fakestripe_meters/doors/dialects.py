"""Notice a client that speaks TLS to a port for plain HTTP, or plain HTTP to a port for TLS, and say what to change.

Both are told in plain HTTP. A client that waits for TLS reads no more of it than that it is none, so the server's own
log says it, too.
"""

import socket

HANDSHAKE = b"\x16"
"""The first byte of a client that begins with TLS. No HTTP request begins with it."""
TLS_TO_PLAIN = (
    "This port speaks plain HTTP, and the client began with TLS. Give it an address with http:// (in Node, "
    'protocol: "http"), or start the server with --tls'
)
PLAIN_TO_TLS = "This port speaks HTTPS, and the client began with plain HTTP. Give it an address with https://"


def misunderstanding(connection: socket.socket, *, secure: bool) -> str | None:
    """Return what a client does wrong that speaks the other dialect; None if it speaks this one, or says nothing.

    Wait for the client's first byte, and leave it unread.
    """
    first = socket.socket.recv(connection, 1, socket.MSG_PEEK)  # a TLS socket's own method would begin the handshake
    if not first or (first == HANDSHAKE) is secure:
        return None
    return PLAIN_TO_TLS if secure else TLS_TO_PLAIN


def send_plainly(connection: socket.socket, data: bytes) -> None:
    """Send bytes as they are, also over a socket that is for TLS."""
    socket.socket.sendall(connection, data)
