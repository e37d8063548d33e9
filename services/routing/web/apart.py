"""Long work about regulations, in a process of its own: proof, cases, differences, replay, and steps of approvers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nats.aio.client import Client

from contracts.activation import Approver
from contracts.identity import owner
from contracts.taxonomy import Category
from services.routing.commands.activation_telling import step_document
from services.routing.commands.regulation_files import Regulations, cases_beside, load_cases, reference_folder
from services.routing.commands.regulations_view import check_document, difference_document, tested_document
from services.routing.commands.replaying import replayed
from services.routing.in_force.activating import (
    Asked,
    Lines,
    UnknownProposalError,
    approve_proposal,
    cancel_proposal,
    propose_set,
)
from services.routing.in_force.standing import NothingStandsError
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.findings import Finding
from services.routing.regulations.proof.proving import prove
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.telling.cases import decided, mismatches
from services.routing.settings import RegulationsSettings
from services.routing.web.shelf import Shelf, UnknownSetError
from services.runtime.apart import Document, Seen, WorkFailedError, apart, work
from services.runtime.credentials import key_file
from services.runtime.documents import DocumentError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.sending import connection
from services.runtime.terminal import VIETNAM

_MOST_FAULTS: Final = 20


async def regulations_apart(settings: RegulationsSettings, task: Document, seen: Seen) -> Document:
    """What the work `task["work"]` finds. Raises `WorkFailedError`."""
    told = settings.model_dump(mode="json", exclude_unset=True)
    return await apart(__name__, {**task, "settings": told}, seen)


def owner_key(settings: RegulationsSettings, approver: Approver) -> Path:
    """Where the key of an approver is, if these pages hold it."""
    who = owner(approver.agency, approver.role)
    return settings.owner_keys / f"{who.name}.nk" if settings.owner_keys else key_file(settings.home, who)


class _Work:
    """What is asked for, over one connection."""

    def __init__(self, settings: RegulationsSettings, client: Client, task: Document, seen: Seen) -> None:
        self._settings = settings
        self._client = client
        self._task = task
        self._seen = seen
        self._shelf = Shelf(lambda: client, settings.drafts_folder)

    async def check(self) -> Document:
        """The proof of a set."""
        given = await self._shelf.named(self._task["of"])
        return check_document(given, list(self._proved(given.regulation_set, given.register)))

    async def cases(self) -> Document:
        """The cases of a set; a draft's own where it brings some."""
        given = await self._shelf.named(self._task["of"])
        return self._tested(given, self._cases_of(self._task["of"]))

    async def diff(self) -> Document:
        """How two sets differ, and what that changes in the reference cases."""
        old, new = [await self._shelf.named(self._task[name]) for name in ("of", "with")]
        return difference_document(old, new, load_cases(None))

    async def replay(self) -> Document:
        """Past incidents through a draft."""
        since, until = (self._moment(name) for name in ("since", "until"))
        return await replayed(self._client, self._draft(), since, until)

    async def propose(self) -> Document:
        """A draft is proposed in the approver's name."""
        async with self._in_the_name() as (lines, by):
            asked = Asked(by, self._cases_of(self._task["of"]), self._proved)
            outcome = await propose_set(lines, self._draft(), self._moment("effective"), asked)
        return step_document(outcome[-1] if isinstance(outcome, tuple) else outcome)

    async def approve(self) -> Document:
        """A proposal is agreed to by a second approver."""
        async with self._in_the_name() as (lines, by):
            asked = Asked(by, cases_beside(reference_folder()), self._proved)
            outcome = await approve_proposal(lines, self._task["proposal"], None, asked)
        return step_document(outcome[-1] if isinstance(outcome, tuple) else outcome)

    async def cancel(self) -> Document:
        """A proposal is withdrawn."""
        async with self._in_the_name() as (lines, by):
            outcome = await cancel_proposal(lines, self._task["proposal"], by, self._task.get("reason"))
        return step_document(outcome[-1] if isinstance(outcome, tuple) else outcome)

    @asynccontextmanager
    async def _in_the_name(self) -> AsyncIterator[tuple[Lines, Approver]]:
        by = Approver.model_validate(self._task["by"])
        kept = owner_key(self._settings, by)
        if not kept.exists():
            raise WorkFailedError("no_key")
        async with connection(self._settings.nats_url, kept) as writer:
            yield Lines(self._client, writer), by

    def _proved(self, regulation_set: RegulationSet, register: RegisterIndex) -> list[Finding]:
        return list(prove(regulation_set, register, Category, self._seen))

    def _tested(self, given: Regulations, cases: Path) -> Document:
        file, outcomes = load_cases(cases), []
        for number, case in enumerate(file.cases, 1):
            outcomes.append((case, tuple(mismatches(case.expect, decided(case, file, given.regulator)))))
            self._seen(number, len(file.cases))
        return tested_document(outcomes, given)

    def _draft(self) -> Path:
        return self._shelf.draft(str(self._task["of"]).removeprefix("draft:"))

    def _cases_of(self, name: str) -> Path:
        return cases_beside(self._draft() if name.startswith("draft:") else reference_folder())

    def _moment(self, name: str) -> datetime | None:
        """A time of Việt Nam, unless it says otherwise."""
        if (text := self._task.get(name)) is None:
            return None
        try:
            read = datetime.fromisoformat(str(text))
        except ValueError as error:
            raise WorkFailedError("no_time", str(text)) from error
        return read if read.tzinfo else read.replace(tzinfo=VIETNAM)


WORKS: Final[dict[str, Callable[[_Work], Any]]] = {
    "check": _Work.check,
    "cases": _Work.cases,
    "diff": _Work.diff,
    "replay": _Work.replay,
    "propose": _Work.propose,
    "approve": _Work.approve,
    "cancel": _Work.cancel,
}
"""By name, as `task["work"]` gives it."""
STEPS: Final = frozenset({"propose", "approve", "cancel"})
"""Those that are taken in an approver's name."""


async def _main(task: Document, seen: Seen) -> Document:
    settings = RegulationsSettings(**task["settings"])
    try:
        async with connection(settings.nats_url, settings.nats_creds) as client:
            found: Document = await WORKS[task["work"]](_Work(settings, client, task, seen))
            return found
    except DocumentError as error:
        raise WorkFailedError("document", "\n".join(map(str, error.findings[:_MOST_FAULTS]))) from error
    except (UnknownSetError, UnknownProposalError) as error:
        raise WorkFailedError("unknown", str(error)) from error
    except NothingStandsError as error:
        raise WorkFailedError("nothing_stands", str(error)) from error
    except (BusUnavailableError, JetStreamRefusedError) as error:
        raise WorkFailedError("unavailable", str(error)) from error


if __name__ == "__main__":
    work(_main)
