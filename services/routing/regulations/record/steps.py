"""The steps by which a set comes to decide: what each adds to the record, or why it may not be taken. Pure."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, cast
from uuid import UUID

from contracts import approvals, subjects
from contracts.activation import (
    ActivationData,
    Approver,
    CasesHeld,
    ReferenceRecorded,
    RefusalReason,
    RegulationActivated,
    RegulationActivationCancelled,
    RegulationActivationRefused,
    RegulationApproved,
    RegulationProposed,
    TextKind,
)
from contracts.envelope import Event, schema_of, type_of
from contracts.identifiers import derived_id
from services.routing.regulations.record.activation import Book, Proposal, Switch, fits
from services.routing.regulations.rules.texts import Text, newer

SOURCE: Final = "/phoihop/routing"
Step = Literal["propose", "approve", "cancel"]
_MOST_DETAILS: Final = 20
_LINE: Final = 200


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of proving a set: against which register, with which cases, and what speaks against it."""

    register_version: str
    held: CasesHeld
    faults: tuple[str, ...] = ()
    """What `check` found, in a line each."""
    failed: tuple[str, ...] = ()
    """The cases decided otherwise than expected."""

    def objections(self) -> Iterator[tuple[RefusalReason, str]]:
        """Why this set may not be put in force."""
        yield from ((RefusalReason.NOT_CLEAN, line) for line in self.faults)
        yield from ((RefusalReason.CASES_FAIL, line) for line in self.failed)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who takes a step, when, and which agencies there are."""

    by: Approver
    at: datetime
    agencies: Container[str]


def propose(
    book: Book, text: Text, proof: Proof, attempt: Attempt, asked: tuple[UUID, datetime | None]
) -> tuple[ActivationData, ...] | RegulationActivationRefused:
    """The text and the proposal, for `asked`: its id and from when the set is to decide (None: as soon as approved)."""
    proposal, effective = asked
    known = book.texts.get(text.key)
    against = [*proof.objections(), *_objections_to(attempt)]
    if known is not None and known.sha256 != text.sha256:
        against.append((RefusalReason.OTHER_TEXT, f"{text.key.version}: {known.sha256} ≠ {text.sha256}"))
    if effective is not None and effective <= attempt.at:
        against.append((RefusalReason.IN_THE_PAST, effective.isoformat()))
    proposed = RegulationProposed(
        proposal=proposal,
        set=text.key.code,
        version=text.key.version,
        sha256=text.sha256,
        effective=effective or attempt.at,
        by=attempt.by,
        register_version=proof.register_version,
        held=proof.held,
    )
    against += _objections_to_order(book, _activation(proposed, ()), attempt.at)
    if against:
        return _refused(proposed, attempt.by, "propose", against)
    return (*(text.parts() if known is None else ()), proposed)


def approve(
    book: Book, proposal: Proposal, proof: Proof, attempt: Attempt, sha256: str
) -> tuple[ActivationData, ...] | RegulationActivationRefused:
    """The approval and the activation; `sha256` is of the text that the second approver proved."""
    proposed = proposal.proposed
    against = [*proof.objections(), *_objections_to(attempt)]
    if attempt.by == proposed.by:
        against.append((RefusalReason.SAME_APPROVER, f"{attempt.by.role}@{attempt.by.agency}"))
    if sha256 != proposed.sha256:
        against.append((RefusalReason.OTHER_TEXT, f"{proposed.version}: {proposed.sha256} ≠ {sha256}"))
    if not proposal.open:
        against.append((RefusalReason.NOT_OPEN, str(proposed.proposal)))
    activated = _activation(proposed, (proposed.by, attempt.by))
    against += _objections_to_order(book, activated, attempt.at)
    if against:
        return _refused(proposed, attempt.by, "approve", against)
    approved = RegulationApproved(
        proposal=proposed.proposal,
        set=proposed.set,
        version=proposed.version,
        sha256=proposed.sha256,
        effective=proposed.effective,
        by=attempt.by,
        register_version=proof.register_version,
        held=proof.held,
    )
    return approved, activated


def cancel(
    book: Book, proposal: Proposal, attempt: Attempt, reason: str | None
) -> tuple[ActivationData, ...] | RegulationActivationRefused:
    """The cancellation of a proposal, or of an activation before it takes effect."""
    proposed = proposal.proposed
    against = list(_objections_to(attempt))
    waits = any(s.activated.proposal == proposed.proposal and s.since > attempt.at for s in book.switches)
    if not proposal.open and not waits:
        against.append((RefusalReason.NOT_OPEN, str(proposed.proposal)))
    if against:
        return _refused(proposed, attempt.by, "cancel", against)
    cancelled = RegulationActivationCancelled(
        proposal=proposed.proposal,
        set=proposed.set,
        version=proposed.version,
        sha256=proposed.sha256,
        effective=proposed.effective,
        by=attempt.by,
        reason=reason,
    )
    return (cancelled,)


class Installed(NamedTuple):
    """What a hub's own reference folder adds to the record, and where it disagrees with what is there."""

    facts: tuple[ActivationData, ...]
    ignored: tuple[str, ...]


def install(book: Book, register: Text, regulations: Text | None, at: datetime) -> Installed:
    """The register, where it is new, and the set, until people have put one in force themselves.

    A text that differs from the recorded one of its version, or is older than what decides, is left aside and said.
    """
    facts: list[ActivationData] = []
    ignored: list[str] = []
    registers = [key.version for key in book.texts if key.kind is TextKind.REGISTER]
    _take(register, book, registers, facts, ignored)
    if regulations is not None and not book.approved:
        activated = _reference(regulations, at)
        decided = [switch.key.version for switch in book.switches if switch.key.code == regulations.key.code]
        usable = _take(regulations, book, decided, facts, ignored)
        if usable and not any(switch.activated.proposal == activated.proposal for switch in book.switches):
            facts.append(activated)
    return Installed(tuple(facts), tuple(ignored))


def _take(text: Text, book: Book, decided: Iterable[str], facts: list[ActivationData], ignored: list[str]) -> bool:
    """Adds the text unless it is there; False where it may not decide."""
    known = book.texts.get(text.key)
    name = f"{text.key.kind.value} {text.key.version}"
    if known is not None and known.sha256 != text.sha256:
        ignored.append(f"{name} is on record with another text: give the changed one a newer version")
        return False
    if not newer(text.key.version, [version for version in decided if version != text.key.version]):
        ignored.append(f"{name} is older than what decides: give it a newer version to go back to it")
        return False
    if known is None:
        facts.extend(text.parts())
    return True


def _reference(text: Text, at: datetime) -> RegulationActivated:
    return RegulationActivated(
        proposal=derived_id("reference", text.key.code, text.key.version, text.sha256),
        set=text.key.code,
        version=text.key.version,
        sha256=text.sha256,
        effective=at,
        basis="reference",
    )


def unusable(switch: Switch, why: str) -> RegulationActivationRefused:
    """Routing cannot decide by an activated text and goes on with the set before."""
    activated = switch.activated
    return RegulationActivationRefused(
        set=activated.set,
        version=activated.version,
        sha256=activated.sha256,
        proposal=activated.proposal,
        step="take_effect",
        reasons=(RefusalReason.UNUSABLE,),
        details=(why[:_LINE],),
    )


def event_of(data: ActivationData, at: datetime, by: Approver | None) -> Event[ActivationData]:
    """The fact in its envelope, under the name of `by`, or None for the hub's own.

    The same step again has the same id, except refusals, of which each is one.
    """
    model = type(data)
    envelope = cast("type[Event[ActivationData]]", Event.__class_getitem__(model))
    step: tuple[UUID | str, ...]
    match data:
        case ReferenceRecorded():
            subject = subjects.REGISTER if data.kind is TextKind.REGISTER else _under(data.code, by)
            cause = derived_id("text", data.kind.value, data.code, data.version, data.sha256)
            step = (cause, str(data.part))
        case RegulationActivationRefused():
            subject = _under(data.set, by)
            cause = data.proposal or derived_id("text", data.set, data.version, data.sha256)
            step = (cause, data.step, at.isoformat())
        case RegulationApproved():
            subject, cause = _under(data.set, by), data.proposal
            step = (cause, data.by.agency, data.by.role)
        case _:
            subject, cause = _under(data.set, by), data.proposal
            step = (cause,)
    return envelope(
        id=derived_id(model.__name__, *step),
        source=SOURCE,
        type=type_of(model),
        subject=subject,
        time=at,
        dataschema=schema_of(model),
        correlationid=cause,
        causationid=cause,
        data=data,
    )


def _under(code: str, by: Approver | None) -> str:
    return subjects.regulation(code) if by is None else approvals.step(code, by)


def _activation(proposed: RegulationProposed, approvers: tuple[Approver, ...]) -> RegulationActivated:
    return RegulationActivated(
        proposal=proposed.proposal,
        set=proposed.set,
        version=proposed.version,
        sha256=proposed.sha256,
        effective=proposed.effective,
        basis="approved",
        approvers=approvers,
    )


def _objections_to(attempt: Attempt) -> Iterator[tuple[RefusalReason, str]]:
    if attempt.by.agency not in attempt.agencies:
        yield RefusalReason.UNKNOWN_AGENCY, attempt.by.agency


def _objections_to_order(
    book: Book, activated: RegulationActivated, at: datetime
) -> Iterator[tuple[RefusalReason, str]]:
    if not fits(book, Switch(max(activated.effective, at), activated)):
        others = ", ".join(s.activated.version for s in book.switches if s.activated.set == activated.set)
        yield RefusalReason.NOT_NEWER, f"{activated.version} / {others}"


def _refused(
    proposed: RegulationProposed, by: Approver, step: Step, against: Iterable[tuple[RefusalReason, str]]
) -> RegulationActivationRefused:
    found = list(against)
    return RegulationActivationRefused(
        set=proposed.set,
        version=proposed.version,
        sha256=proposed.sha256,
        proposal=None if step == "propose" else proposed.proposal,
        by=by,
        step=step,
        reasons=tuple(dict.fromkeys(reason for reason, _ in found)),
        details=tuple(line[:_LINE] for _, line in found[:_MOST_DETAILS]),
    )
