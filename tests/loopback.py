"""A place on this machine for a server of a test."""

import itertools
import os
import random
import socket
from collections.abc import Iterator
from functools import cache

from deploy.demo.programs import free_ports

PORTS = range(10_000, 20_000)  # beside those of a demo, which a test may play as well


def listening() -> socket.socket:
    """A socket bound to a free port of the loopback.

    Named as TCP: only then does asyncio send a small answer at once, and not 40 ms later, when the
    other side has acknowledged its head. Over thousands of requests that is most of a test's time.
    """
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    place.bind(("127.0.0.1", 0))
    return place


def own_ports(many: int) -> tuple[int, ...]:
    """*many* ports for a program that opens them itself, whenever it is started.

    No other test gets the same: a bot that is killed holds none for a moment, and must find its
    own again when it comes back.
    """
    return free_ports(many, itertools.islice(_own(), 100))


@cache
def _own() -> Iterator[int]:
    return cycle_of_ports()


def cycle_of_ports() -> Iterator[int]:
    """This worker's ports, one after the other; they come again when all had their turn."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    workers = os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    mine = PORTS[int(worker) :: int(workers)]
    first = random.randrange(len(mine))  # another run of the tests may go on beside this one
    return itertools.cycle((*mine[first:], *mine[:first]))
