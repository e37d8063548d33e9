"""Tells a service manager that the loop turns, as sd_notify(3) defines it, and lets a stuck process say where it is.

It does not judge whether work gets on: that is readiness.
"""

import asyncio
import faulthandler
import socket
from contextlib import suppress
from typing import Final

from services.runtime.embedded.process import STACKS_SIGNAL
from services.runtime.settings import ServiceManager

STARTED: Final = b"READY=1"
ALIVE: Final = b"WATCHDOG=1"
STOPPING: Final = b"STOPPING=1"
OFTEN: Final = 4
"""Words within the time in which one must come."""


def show_stacks_when_ended() -> None:
    """From now on the signal that ends a stuck process first writes what each thread was doing to stderr.

    Places in the code only, no values; and, other than with SIGABRT, no image of the memory with what people reported.
    """
    faulthandler.register(STACKS_SIGNAL, all_threads=True, chain=True)


async def beat(manager: ServiceManager) -> None:
    """Says that the process has started, and again and again that its loop turns, until it is cancelled: stopping."""
    tell(manager, STARTED)
    try:
        while manager.watchdog_seconds is not None:
            tell(manager, ALIVE)
            await asyncio.sleep(manager.watchdog_seconds / OFTEN)
        await asyncio.Event().wait()
    finally:
        tell(manager, STOPPING)


def tell(manager: ServiceManager, what: bytes) -> None:
    """One word to the manager. One that has gone away hears nothing, and is no reason to end."""
    address = f"\0{manager.socket[1:]}" if manager.socket.startswith("@") else manager.socket
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
        line.sendto(what, address)
