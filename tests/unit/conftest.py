"""Closes the network for unit tests: what needs a server belongs to tests/integration, where servers are real."""

import socket
from collections.abc import Callable
from typing import NoReturn

import pytest

_OPENING = ("connect", "connect_ex", "bind", "sendto", "sendmsg")


class NetworkIsClosedError(RuntimeError):
    """A unit test touched the network; move it to tests/integration or hand the code its input."""


@pytest.fixture(autouse=True)
def _network_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unix sockets stay open: the event loop wakes itself through a pair of them."""
    for name in _OPENING:
        monkeypatch.setattr(socket.socket, name, _refusing(getattr(socket.socket, name)))
    monkeypatch.setattr(socket, "getaddrinfo", _refuse)


def _refusing(original: Callable[..., object]) -> Callable[..., object]:
    def guarded(self: socket.socket, *arguments: object) -> object:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse(*arguments)
        return original(self, *arguments)

    return guarded


def _refuse(*arguments: object) -> NoReturn:
    raise NetworkIsClosedError(f"a unit test touched the network: {arguments}")
