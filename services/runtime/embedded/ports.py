"""Chooses ports for servers of our own: none that the system would lend to an outgoing connection meanwhile."""

import secrets
import socket
from pathlib import Path
from typing import Final

LENT: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""First and last port that the system lends to outgoing connections."""
FIRST: Final = 10_240
LAST: Final = 32_767
ATTEMPTS: Final = 100


def free_port() -> int:
    """A loopback port nobody listens on at this moment.

    A server that is killed and started again on its port would not get it back, had a connection borrowed it.
    """
    lent = _lent()
    for _ in range(ATTEMPTS):
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)  # two processes choose differently
        if port not in lent and _bound(port):
            return port
    return _bound(0)


def _lent() -> range:
    try:
        first, last = map(int, LENT.read_text().split())
    except (OSError, ValueError):
        return range(0)
    return range(first, last + 1)


def _bound(port: int) -> int:
    """The port that could be had; 0 where somebody has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return int(probe.getsockname()[1])
