"""What `phoihop report` does: reads files, keeps them in the outbox, sends, tells what became of each."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from nats.errors import Error as NatsError

from contracts.identity import desk as desk_named
from contracts.identity import unit as unit_named
from contracts.problems import Problem, ProblemCode
from contracts.receipts import Outcome, Receipt
from contracts.signatures import Detached
from contracts.streams import MAX_BODY
from contracts.subjects import Origin
from services.intake.outbox import Outbox, Waiting
from services.intake.signing_files import Signing, key_of, read_beside
from services.runtime.addresses import bus_creds, bus_url, origin
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.publishing import InboxFullError
from services.runtime.secret_files import UnusableSecretError
from services.runtime.sending import NoReceiptError, NotAdmittedError, Sender, connection, report_sender
from services.runtime.settings import RuntimeSettings
from services.runtime.signing import sign
from services.runtime.terminal import Language, problem_documents

_OUTCOMES: Final = {
    Outcome.ACCEPTED: "accepted",
    Outcome.DUPLICATE: "duplicate",
    Outcome.CONFLICT: "rejected",
    Outcome.REJECTED: "rejected",
}
"""The words of the command line; a conflict is a rejection with the code `id.conflict`."""
MEDIA_TYPES: Final = {".json": "application/json", ".cap": "application/cap+xml", ".xml": "application/xml"}


class NoUnitError(ValueError):
    """Nobody was named as the sender."""


class NothingToSendError(ValueError):
    """Neither files nor an outbox to flush."""


class UnreadableFileError(OSError):
    """A file that was named cannot be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one report of one file."""

    file: str
    outcome: str
    report: UUID | None = None
    problems: tuple[Problem, ...] = ()

    def document(self, lang: Language) -> dict[str, Any]:
        """The promised JSON of one report."""
        return {
            "file": self.file,
            "outcome": self.outcome,
            "report": str(self.report) if self.report else None,
            "errors": problem_documents(self.problems, lang),
        }


@dataclass(frozen=True, slots=True)
class Signed:
    """How the reports that are handed in are signed."""

    how: Signing = Signing.NONE
    key: Path | None = None
    """The file of the key; by default that of the sending unit on this machine."""


async def submit(
    files: Sequence[str], unit: str, outbox: Path | None, signed: Signed = Signed(), *, flush: bool
) -> list[Line]:
    """Sends the files after what already waits in the outbox, in order, and tells what became of each."""
    if not files and not (flush and outbox):
        raise NothingToSendError
    found = _read(files, unit, signed) if files else []
    refused = [_too_large(one) for one in found if len(one.body) > MAX_BODY]
    submissions = [one for one in found if len(one.body) <= MAX_BODY]
    box = Outbox(outbox) if outbox else None
    if box is not None:
        for one in submissions:
            box.put(one)
        submissions = box.waiting()
    return refused + (await _connected(submissions, box) if submissions else [])


async def _connected(submissions: Sequence[Waiting], box: Outbox | None) -> list[Line]:
    settings = RuntimeSettings()
    try:
        async with AsyncExitStack() as opened:
            senders = {
                who: await _sender(opened, settings, who)
                for who in dict.fromkeys(Origin(one.agency, one.unit) for one in submissions)
            }
            return [line async for line in _send_all(senders, submissions, box)]
    except (BusUnavailableError, NatsError) as error:
        refused = isinstance(error, NotAdmittedError) or isinstance(error.__cause__, UnusableSecretError)
        return [Line(one.file, "not_admitted") if refused else _unsent(one, box) for one in submissions]


async def _sender(opened: AsyncExitStack, settings: RuntimeSettings, who: Origin) -> Sender[Receipt]:
    """Each unit, or desk that logs for one, sends over its own connection: nobody may send in another's name."""
    creds = bus_creds(settings, unit_named(*who)) or bus_creds(settings, desk_named(*who))
    sender = report_sender(await opened.enter_async_context(connection(bus_url(settings), creds)))
    await sender.listen(who)
    return sender


async def _send_all(
    senders: Mapping[Origin, Sender[Receipt]], submissions: Sequence[Waiting], box: Outbox | None
) -> AsyncIterator[Line]:
    """What became of each. After the first one without a receipt its unit sends nothing more: order is a promise."""
    halted: set[Origin] = set()
    for one in submissions:
        who = Origin(one.agency, one.unit)
        receipt = None if who in halted else await _receipt(senders[who], who, one)
        if receipt is None:
            halted.add(who)
            yield _unsent(one, box)
            continue
        if box is not None:
            box.settle(one.number, receipt.model_dump_json())
        for each in receipt.reports:
            yield Line(one.file, _OUTCOMES[each.outcome], each.report, each.problems)


async def _receipt(sender: Sender[Receipt], who: Origin, one: Waiting) -> Receipt | None:
    try:
        headers = one.signature.headers if one.signature else None
        return await sender.send(who, one.body, media_type=one.media_type, signature=headers)
    except (NoReceiptError, InboxFullError, JetStreamRefusedError):
        return None


def _unsent(one: Waiting, box: Outbox | None) -> Line:
    return Line(one.file, "queued" if box is not None else "unreachable")


def _too_large(one: Waiting) -> Line:
    """Refused here: the server would not take it, so nobody could answer."""
    detail = f"{len(one.body)} bytes, at most {MAX_BODY}"
    return Line(one.file, "rejected", problems=(Problem(code=ProblemCode.PAYLOAD_TOO_LARGE, field="", detail=detail),))


def _read(files: Sequence[str], unit: str, signed: Signed) -> list[Waiting]:
    if (who := origin(unit)) is None:
        raise NoUnitError
    return [_waiting(file, who, signed) for file in files]


def _waiting(file: str, who: Origin, signed: Signed) -> Waiting:
    body = _bytes(file)
    return Waiting(0, *who, file, _media_type(file), body, _signature(file, body, who, signed))


def _signature(file: str, body: bytes, who: Origin, signed: Signed) -> Detached | None:
    match signed.how:
        case Signing.NONE:
            return None
        case Signing.HERE:
            return sign(body, key_of(who, signed.key))
        case Signing.BESIDE:
            return read_beside(file)


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UnreadableFileError(str(error)) from error


def _media_type(file: str) -> str | None:
    return MEDIA_TYPES.get(Path(file).suffix.lower())
