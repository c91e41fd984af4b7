"""A client that sends bytes as they are."""

import socket


def say(address: tuple[str, int], *pieces: bytes) -> bytes:
    """All that comes back, until the server closes, for bytes sent word for word."""
    with socket.create_connection(address, timeout=30) as raw:
        for piece in pieces:
            raw.sendall(piece)
        raw.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := raw.recv(65_536):
            heard += piece
    return heard
