"""Long work for the pages, in a process of its own: recomputing the ledger, putting evidence together.

It runs at the lowest priority, is told what to do in one line and says how far it is, then what it found, in lines of
JSON. Rejected: a thread. The recomputation is Python and would hold up every page; its end also gives all memory back.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from services.audit.evidence.bundle import EntryNotProvedError, self_check, write
from services.audit.evidence.making import Contradicted, best_over, files_of, matter_of
from services.audit.failures import LedgerUnavailableError
from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.gathering import gather
from services.audit.recomputing.documents import verdict_document
from services.audit.recomputing.verifying import verify_against
from services.audit.settings import ReviewSettings

Document = Mapping[str, Any]
_LINE: Final = 4 << 20
"""Bytes of what was found: a thousand findings are a fiftieth of it."""
_STEP: Final = 500
"""Entries between two lines about progress, or a hundredth of all, whichever is more."""


class WorkFailedError(Exception):
    """The work did not come to its end; its reason is a code with words on the page."""

    def __init__(self, reason: str, said: str = "") -> None:
        self.reason = reason
        super().__init__(said or reason)


async def verify_apart(settings: ReviewSettings, seen: Callable[[int, int], None]) -> Document:
    """The verdict on the whole ledger. Raises `WorkFailedError`."""
    return await _apart(settings, {"work": "verify"}, seen)


async def evidence_apart(settings: ReviewSettings, incident: UUID, to: Path) -> Document:
    """Writes the evidence of an incident to a new archive, checked by the verifier in it. Raises `WorkFailedError`."""
    return await _apart(settings, {"work": "evidence", "incident": str(incident), "to": str(to)}, lambda *_: None)


async def _apart(settings: ReviewSettings, task: Document, seen: Callable[[int, int], None]) -> Document:
    # -P: nothing is imported from the folder somebody stands in. What holds a password goes through the pipe.
    command = (sys.executable, "-P", "-m", __name__)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LINE)
    told = settings.model_dump(mode="json", exclude_unset=True)
    try:
        return await _answer(process, json.dumps({**task, "settings": told}), seen)
    except ValueError as error:
        raise WorkFailedError("failed", str(error)) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _answer(process: Process, task: str, seen: Callable[[int, int], None]) -> Document:
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


async def _work(task: Document) -> None:
    settings = ReviewSettings(**task["settings"])
    try:
        if task["work"] == "verify":
            found = await _verified(settings)
        else:
            found = await _evidence(settings, UUID(task["incident"]), Path(task["to"]))
    except WorkFailedError as error:
        _say({"failed": error.reason, "said": str(error)})
    except EntryNotProvedError as error:
        _say({"failed": "not_proved", "said": str(error.idx)})
    except LedgerUnavailableError as error:
        _say({"failed": "unavailable", "said": str(error)})
    except UnusableFileError as error:
        _say({"failed": "unusable", "said": str(error)})
    else:
        _say({"found": found})


async def _verified(settings: ReviewSettings) -> Document:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done >= told + max(_STEP, total // 100):
            told = done
            _say({"done": done, "total": total})

    gathered = await gather(settings, None, None, ())
    document = verdict_document(await verify_against(settings.dsn(), gathered, tell), gathered)
    checkpoints = document.pop("checkpoints")  # a day makes thousands; those that disagree are among the findings
    return {**document, "kept": len(checkpoints) if isinstance(checkpoints, list) else 0}


async def _evidence(settings: ReviewSettings, incident: UUID, to: Path) -> Document:
    dsn = settings.dsn()
    if (matter := await matter_of(dsn, incident)) is None:
        raise WorkFailedError("no_incident")
    gathered = await gather(settings, None, None, ())
    if not gathered.trust.keys:
        raise WorkFailedError("no_keys")
    under = await best_over(dsn, gathered, matter.size)
    if under is None:
        raise WorkFailedError("not_covered")
    if isinstance(under, Contradicted):
        raise WorkFailedError("contradicted")
    write(to, await files_of(dsn, matter, under))
    if not (checked := self_check(to)).passed:
        raise WorkFailedError("self_check", checked.said)
    return {"entries": len(matter.entries), "size": under.signed.checkpoint.size, "settled": under.settled}


def _say(document: Document) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with suppress(OSError):  # a unit may forbid it; the work is the same
        os.nice(19)
    asyncio.run(_work(json.loads(sys.stdin.readline())))
