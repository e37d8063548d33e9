"""What the regulation commands share: reading documents, the proof with its bar, the set in force, asking the bus."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from nats.aio.client import Client
from rich.console import Console
from rich.progress import Progress

from contracts.activation import Approver
from contracts.identity import AUDITOR, owner
from contracts.taxonomy import Category
from services.routing.commands import regulation_files
from services.routing.commands.regulation_files import Regulations
from services.routing.in_force.activating import Lines
from services.routing.in_force.standing import NothingStandsError, standing_now
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.findings import Finding
from services.routing.regulations.proof.proving import prove
from services.routing.regulations.rules.model import RegulationSet
from services.runtime.addresses import bus_creds, bus_url
from services.runtime.credentials import key_file
from services.runtime.documents import DocumentError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.register.loading import load_register
from services.runtime.sending import connection
from services.runtime.settings import RuntimeSettings
from services.runtime.terminal import VIETNAM, Exit, Language, fail

AnswerT = TypeVar("AnswerT")


def reading(lang: Language, read: Callable[[], AnswerT]) -> AnswerT:
    """What is read, or the faults of the document and exit 2."""
    try:
        return read()
    except DocumentError as error:
        refuse_document(lang, error)


def refuse_document(lang: Language, error: DocumentError) -> NoReturn:
    """Every fault of a document, and exit 2."""
    what = lang.pick("Không dùng được tài liệu:", "The document cannot be used:")
    fail(Exit.USAGE, what, "\n  ".join(map(str, error.findings[:20])))


def examined(path: Path | None, register: Path | None, lang: Language) -> Regulations:
    """The set somebody asks about: the one named, else the active one where a hub answers, else the reference."""
    if path is None and (given := _active(register, lang)) is not None:
        return given
    return reading(lang, lambda: regulation_files.examine(path, register))


def loaded(path: Path | None, register: Path | None, lang: Language) -> Regulations:
    """The same, refusing what does not fit its register."""
    found = examined(path, register, lang)
    if found.faults:
        refuse_document(lang, DocumentError(found.faults))
    return found


def _active(register: Path | None, lang: Language) -> Regulations | None:
    """The set in force; None where no hub runs or is named, or none answers, which is said."""
    try:
        found = asyncio.run(standing_now(RuntimeSettings()))
    except (BusUnavailableError, JetStreamRefusedError, NothingStandsError) as error:
        _aside(lang.pick("Dùng bộ tham khảo", "Using the reference set"), str(error))
        return None
    if found is None:
        return None
    _aside(lang.pick("Dùng bộ đang áp dụng", "Using the active set"), found.switch.activated.version)
    who = found.register if register is None else RegisterIndex(reading(lang, lambda: load_register(register)))
    return Regulations(found.regulation_set, who, source="active")


def _aside(what: str, why: str) -> None:
    """Which set is used; on stderr, so that the answer stays the only thing on stdout."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"{what} ({why})", style="dim", markup=False)


def proved(
    regulation_set: RegulationSet,
    register: RegisterIndex,
    only: Iterable[Category] | None,
    lang: Language,
    *,
    quiet: bool,
) -> list[Finding]:
    """The findings, with a bar on stderr while the proof runs."""
    with Progress(console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty()) as bar:
        task = bar.add_task(lang.pick("Chứng minh", "Proving"), total=None)
        return list(
            prove(
                regulation_set,
                register,
                only or Category,
                progress=lambda done, whole: bar.update(task, completed=done, total=whole),
            )
        )


def on_bus(lang: Language, work: Callable[[Client], Awaitable[AnswerT]]) -> AnswerT:
    """What the work answers on a connection to the hub; exit 3 where none answers."""
    settings = RuntimeSettings()

    async def run() -> AnswerT:
        async with connection(bus_url(settings), bus_creds(settings, AUDITOR)) as client:
            return await work(client)

    return _answered(lang, run())


class NotTheirKeyError(Exception):
    """The server is there and gave no answer to what was recorded in an approver's name: the key is another's."""


def in_the_name_of(
    lang: Language, approver: Approver, key: Path | None, step: Callable[[Lines], Awaitable[AnswerT]]
) -> AnswerT:
    """The same for a step of an approver, recorded with that approver's own key; exit 2 where there is none."""
    settings = RuntimeSettings()
    who, reading = owner(approver.agency, approver.role), bus_creds(settings, AUDITOR)
    kept = key or key_file(settings.home, who)
    if not kept.exists() and (key is not None or reading is not None):
        what = lang.pick(f"Không có khóa của {who.name}.", f"There is no key of {who.name}.")
        fail(Exit.USAGE, what, str(kept), f"phoihop identity create owner {approver.agency}/{approver.role}")

    async def run() -> AnswerT:
        async with (
            connection(bus_url(settings), reading) as reader,
            connection(bus_url(settings), kept if kept.exists() else None) as writer,
        ):
            try:
                return await step(Lines(reader, writer))
            except BusUnavailableError as error:
                if reader.is_connected and writer.is_connected:
                    raise NotTheirKeyError(str(kept)) from error
                raise

    try:
        return _answered(lang, run())
    except NotTheirKeyError as error:
        what = lang.pick(
            f"Máy chủ không nhận khóa này là của {who.name}.", f"To the server this is no key of {who.name}."
        )
        fail(Exit.USAGE, what, str(error), "phoihop identity list --kind owner")


def _answered(lang: Language, main: Coroutine[Any, Any, AnswerT]) -> AnswerT:
    """What it answers, or in words why there is no answer."""
    try:
        return asyncio.run(main)
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được NATS.", "NATS cannot be reached."), str(error), "phoihop up")
    except JetStreamRefusedError as error:
        text = lang.pick("Máy chủ từ chối.", "The server refused.")
        fail(Exit.CHECK_FAILED, text, str(error), "phoihop topology apply")
    except NothingStandsError as error:
        what = lang.pick("Chưa có bộ quy tắc nào được áp dụng.", "No regulation set is in force yet.")
        fail(Exit.UNREACHABLE, what, str(error), "phoihop up")
    except DocumentError as error:
        refuse_document(lang, error)


def with_zone(at: datetime | None) -> datetime | None:
    """A time without a zone is Vietnam's."""
    return at.replace(tzinfo=VIETNAM) if at is not None and at.tzinfo is None else at
