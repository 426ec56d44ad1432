"""Ports for programs that open them themselves: each its own, also while its bot is dead."""

import socket

import pytest

from deploy.demo.errors import DemoFailed
from deploy.demo.programs import PORTS as OF_A_DEMO
from deploy.demo.programs import free_ports
from tests import loopback
from tests.loopback import own_ports


def test_no_port_is_given_twice() -> None:
    (one,) = own_ports(1)
    with pytest.raises(DemoFailed):
        free_ports(2, (one, one))


def test_a_port_somebody_listens_on_is_not_given() -> None:
    taken, free = own_ports(2)
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", taken))
        somebody.listen()
        assert free_ports(1, (taken, free)) == (free,)


def test_a_deployment_keeps_its_ports_while_others_are_made() -> None:
    given = [port for _ in range(300) for port in own_ports(2)]
    assert len(set(given)) == len(given)
    assert not set(given) & set(OF_A_DEMO)


def test_workers_share_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    shares = []
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        cycle = loopback.cycle_of_ports()
        shares.append({next(cycle) for _ in range(len(loopback.PORTS) // 3)})
    assert sum(map(len, shares)) == len(set().union(*shares))
