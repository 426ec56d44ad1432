"""A place on this machine for a server of a test."""

import socket


def listening() -> socket.socket:
    """A socket bound to a free port of the loopback.

    Named as TCP: only then does asyncio send a small answer at once, and not 40 ms later, when the
    other side has acknowledged its head. Over thousands of requests that is most of a test's time.
    """
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    place.bind(("127.0.0.1", 0))
    return place
