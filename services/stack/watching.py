"""Says when a process that runs no longer answers; only seconds in which it could have run count. It ends nothing."""

import asyncio
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from services.runtime.clock import monotonic

BETWEEN_SECONDS: Final = 2.0
"""From one answer to the next question."""
PATIENCE_SECONDS: Final = 10.0
"""So long a question may go without an answer."""
SHUT_SECONDS: Final = 60.0
"""So long a process may run with its door shut: one that was asked to end shuts it first and finishes its work."""
TICK_SECONDS: Final = 0.5
LONGEST_TICK: Final = 1.0
"""What one look may add: while whoever asks was not run itself, an answer may have been waiting."""


async def status(url: str, path: str) -> int:
    """What a door answers to a GET. Raises `OSError` where there is no door, or it hangs up without an answer."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        answer = (await reader.readline()).split()
    finally:
        writer.transport.abort()
    if len(answer) < 2 or not answer[1].isdigit():  # noqa: PLR2004  # HTTP/1.1 200
        raise ConnectionResetError("no answer")
    return int(answer[1])


async def until_stuck(url: str, pid: int) -> str:
    """Asks `/livez` every few seconds, and returns, with the reason, once the process must be taken for stuck."""
    shut = 0.0
    while shut < SHUT_SECONDS:
        began = monotonic()
        asked = asyncio.create_task(status(url, "/livez"))
        try:
            if not await _answered(asked, pid):
                return f"no answer to /livez for {PATIENCE_SECONDS:.0f} s in which it could have run"
            shut = 0.0
            await asyncio.sleep(BETWEEN_SECONDS)
        except OSError:
            await asyncio.sleep(TICK_SECONDS)
            shut += min(monotonic() - began, LONGEST_TICK)
        finally:
            asked.cancel()
    return f"it runs, but its door has been shut for {SHUT_SECONDS:.0f} s"


async def _answered(asked: "asyncio.Task[int]", pid: int) -> bool:
    """False once patience is over. Raises `OSError` where there is nobody to ask."""
    silent = 0.0
    while silent < PATIENCE_SECONDS:
        began, waited = monotonic(), waiting_seconds(pid)
        done, _ = await asyncio.wait({asked}, timeout=TICK_SECONDS)
        if done:
            asked.result()
            return True
        silent += max(0.0, min(monotonic() - began, LONGEST_TICK) - (waiting_seconds(pid) - waited))
    return False


def waiting_seconds(pid: int) -> float:
    """How long the main thread of a process has been ready to run without a processor; 0 where the kernel won't say.

    On a machine that is too busy a healthy process answers late; it waits. One that is stopped or blocked does not.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
