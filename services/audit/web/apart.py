"""Long work for the auditors' pages, in a process of its own: recomputing the ledger, putting evidence together."""

from pathlib import Path
from uuid import UUID

from services.audit.evidence.bundle import EntryNotProvedError, self_check, write
from services.audit.evidence.making import Contradicted, best_over, files_of, matter_of
from services.audit.evidence.photographs import documents, photographs_of
from services.audit.failures import LedgerUnavailableError
from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.gathering import gather
from services.audit.recomputing.documents import verdict_document
from services.audit.recomputing.verifying import verify_against
from services.audit.settings import ReviewSettings
from services.runtime.apart import Document, Seen, WorkFailedError, apart, work


async def verify_apart(settings: ReviewSettings, task: Document, seen: Seen) -> Document:
    """The verdict on the whole ledger. Raises `WorkFailedError`."""
    return await apart(__name__, {**task, "settings": _told(settings)}, seen)


async def evidence_apart(settings: ReviewSettings, incident: UUID, to: Path) -> Document:
    """Writes the evidence of an incident to a new archive, checked by the verifier in it. Raises `WorkFailedError`."""
    task = {"work": "evidence", "settings": _told(settings), "incident": str(incident), "to": str(to)}
    return await apart(__name__, task, lambda *_: None)


def _told(settings: ReviewSettings) -> Document:
    return settings.model_dump(mode="json", exclude_unset=True)


async def _main(task: Document, seen: Seen) -> Document:
    settings = ReviewSettings(**task["settings"])
    try:
        if task["work"] == "verify":
            return await _verified(settings, seen)
        return await _evidence(settings, UUID(task["incident"]), Path(task["to"]))
    except EntryNotProvedError as error:
        raise WorkFailedError("not_proved", str(error.idx)) from error
    except LedgerUnavailableError as error:
        raise WorkFailedError("unavailable", str(error)) from error
    except UnusableFileError as error:
        raise WorkFailedError("unusable", str(error)) from error


async def _verified(settings: ReviewSettings, seen: Seen) -> Document:
    gathered = await gather(settings, None, None, ())
    document = verdict_document(await verify_against(settings.dsn(), gathered, seen), gathered)
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
    enclosed = await documents(settings, photographs_of(matter.entries))
    write(to, await files_of(dsn, matter, under, enclosed))
    if not (checked := self_check(to)).passed:
        raise WorkFailedError("self_check", checked.said)
    return {"entries": len(matter.entries), "size": under.signed.checkpoint.size, "settled": under.settled}


if __name__ == "__main__":
    work(_main)
