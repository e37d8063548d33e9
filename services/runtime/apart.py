"""Work in a process of its own, for pages that must not wait: told what to do in one line, telling how far it is.

It runs at the lowest priority and gives all its memory back. Rejected: a thread. Long work here is Python, and every
page would stand still with it.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

Document = Mapping[str, Any]
Seen = Callable[[int, int], None]
"""Hears how much is done, of how much."""
_LINE: Final = 16 << 20
"""Bytes of what may be found."""


class WorkFailedError(Exception):
    """The work did not come to its end; its reason is a code with words on the page."""

    def __init__(self, reason: str, said: str = "") -> None:
        self.reason = reason
        self.said = said
        super().__init__(said or reason)


async def apart(module: str, task: Document, seen: Seen) -> Document:
    """What the module, run as a program, finds for this task. Raises `WorkFailedError`."""
    # -P: nothing is imported from the folder somebody stands in. What holds a password goes through the pipe.
    command = (sys.executable, "-P", "-m", module)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LINE)
    try:
        return await _answer(process, json.dumps(task), seen)
    except (OSError, ValueError) as error:
        raise WorkFailedError("failed", str(error)) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def work(main: Callable[[Document, Seen], Awaitable[Document]]) -> None:
    """The program's side: takes the task, tells how far it is, then what it found or why it failed."""
    with suppress(OSError):  # a unit may forbid it; the work is the same
        os.nice(19)
    asyncio.run(_work(main))


async def _work(main: Callable[[Document, Seen], Awaitable[Document]]) -> None:
    told = -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done * 100 // max(1, total) > told:
            told = done * 100 // max(1, total)
            _say({"done": done, "total": total})

    try:
        found = await main(json.loads(sys.stdin.readline()), tell)
    except WorkFailedError as error:
        _say({"failed": error.reason, "said": error.said})
    else:
        _say({"found": found})


async def _answer(process: Process, task: str, seen: Seen) -> Document:
    if process.stdin is None or process.stdout is None:
        raise ValueError("it was started without pipes")
    process.stdin.write(task.encode() + b"\n")
    process.stdin.close()
    async for line in process.stdout:
        match json.loads(line):
            case {"done": int(done), "total": int(total)}:
                seen(done, total)
            case {"failed": str(reason), "said": str(said)}:
                raise WorkFailedError(reason, said)
            case {"found": dict(found)}:
                return found
            case other:
                raise ValueError(f"it said {other}")
    raise ValueError(f"it ended with {await process.wait()}")


def _say(document: Document) -> None:
    sys.stdout.write(json.dumps(document, default=str) + "\n")
    sys.stdout.flush()
