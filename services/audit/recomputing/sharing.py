"""Divides the recomputation of a large ledger among processes that all see one state of it.

Each takes a stretch between two positions that fit together, on a connection of its own that joins the exported
snapshot of the first. A process that fails costs time only: its stretch is checked here.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from services.audit.connecting import Connection
from services.audit.recomputing.checking import StoredPosition, fits_together
from services.audit.recomputing.parts import Part
from services.audit.recomputing.stretches import Stretch, check

LEAST: Final = 50_000
"""Entries that are worth a process: starting one takes as long as checking these."""
MOST: Final = 8
_AHEAD: Final = 10_000
"""Entries that are checked here while the other processes start."""
_HELPER: Final = "services.audit.recomputing.helping"
_NEXT: Final = f"""
    SELECT {", ".join(StoredPosition._fields)} FROM audit.position WHERE size >= $1 ORDER BY size LIMIT 2
"""  # noqa: S608 - our own columns
EXPORT: Final = "SELECT pg_export_snapshot()"
"""Names the state of the ledger that a transaction sees, for other connections to join."""
_LINE: Final = 1 << 20
"""Bytes that what one process found may take: a thousand findings are a tenth of it."""


async def divided(
    dsn: str,
    connection: Connection,
    size: int,
    seen: Callable[[int], None] | None = None,
    processes: int | None = None,
) -> Sequence[Part]:
    """Everything checked, in order, by so many processes, or by one for every processor; needs a transaction."""
    count = processes or max(1, min(os.cpu_count() or 1, MOST, size // LEAST))
    first, *others = await stretches(connection, size, count)
    counts = [0] * (1 + len(others))

    def count_of(place: int) -> Callable[[int], None]:
        def tell(entries: int) -> None:
            counts[place] = entries
            if seen:
                seen(sum(counts))

        return tell

    shared = await connection.fetchval(EXPORT) if others else ""
    helpers = [asyncio.create_task(_elsewhere(dsn, shared, each, count_of(at))) for at, each in enumerate(others, 1)]
    try:
        parts = [await check(connection, first, count_of(0))]
        for at, (stretch, helper) in enumerate(zip(others, helpers, strict=True), 1):
            parts.append(await helper or await check(connection, stretch, count_of(at)))
        return parts
    finally:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)


async def stretches(connection: Connection, size: int, count: int) -> Sequence[Stretch]:
    """At most so many stretches, the first a little longer; fewer where the positions between do not fit together."""
    ends: list[int] = []
    ahead = _AHEAD if size >= LEAST else 0
    for part in range(1, count):
        after = max(1, ahead + (size - ahead) * part // count)
        found = [StoredPosition(*row) for row in await connection.fetch(_NEXT, after)]
        if not found or found[0].size >= size or found[0].size in ends or not fits_together(found[0]):
            continue
        if len(found) == 1 or found[1].size != found[0].size:  # of two at one place neither is where to start
            ends.append(found[0].size)
    return [Stretch(begin, end) for begin, end in zip([None, *ends], [*ends, None], strict=True)]


async def _elsewhere(dsn: str, shared: str, stretch: Stretch, seen: Callable[[int], None]) -> Part | None:
    """What another process finds in this stretch; None if it could not say."""
    process = None
    try:
        # -P: nothing is imported from the folder somebody stands in. The address, which may hold a password, goes
        # through the pipe: a command line is for everyone to read.
        command = (sys.executable, "-P", "-m", _HELPER)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # what stopped it stops this process as well, or does not matter
            limit=_LINE,
        )
        return await _answer(process, json.dumps([dsn, shared, *stretch]), seen)
    except (OSError, ValueError) as error:
        structlog.get_logger().warning("verified_without_help", begin=stretch.begin, reason=str(error))
        return None
    finally:
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


async def _answer(process: Process, task: str, seen: Callable[[int], None]) -> Part:
    if process.stdin is None or process.stdout is None:
        raise ValueError("it was started without pipes")
    process.stdin.write(task.encode() + b"\n")
    process.stdin.close()
    async for line in process.stdout:
        if line.startswith(b"["):
            return Part.from_json(line)
        seen(int(line))
    raise ValueError(f"it ended with {await process.wait()}")
