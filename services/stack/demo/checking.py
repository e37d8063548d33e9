"""Counts what the story came to from three sides (receipts, desk feeds, ledger) and names where they disagree. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.receipts import Outcome, Receipt, ReportReceipt
from services.stack.demo.chronicle import Chronicle
from services.stack.demo.record import OnRecord
from services.stack.demo.scenario import Expected, Filing, Scenario

REFUSED = frozenset({Outcome.REJECTED, Outcome.CONFLICT})


class Contradiction(NamedTuple):
    """Something that cannot be true if every promise was kept."""

    vi: str
    en: str


class Feed(NamedTuple):
    """What one desk's own feed in one space brought."""

    desk: Addressee
    space: Space
    dispatches: frozenset[UUID]
    acknowledged: frozenset[UUID]
    """Dispatches whose acknowledgement was receipted as recorded."""
    taken: frozenset[UUID]
    """The same of acceptances."""
    failed: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything there is to compare after the story has come to rest."""

    scenario: Scenario
    receipts: Mapping[str, Receipt]
    feeds: tuple[Feed, ...]
    chronicle: Chronicle
    ledger: OnRecord
    parked: int

    def reports(self) -> Iterator[tuple[Filing, ReportReceipt]]:
        """Every report receipt with the submission it answers."""
        for filing in self.scenario.filings:
            receipt = self.receipts.get(filing.key)
            yield from ((filing, each) for each in (receipt.reports if receipt else ()))

    def outcomes(self) -> Counter[Outcome]:
        """How many reports came to what, by their receipts."""
        return Counter(receipt.outcome for _, receipt in self.reports())


def figures(evidence: Evidence) -> dict[str, Any]:
    """The counts of the closing summary: reports from receipts, the rest from the ledger."""
    outcomes, kinds, told = evidence.outcomes(), evidence.ledger.kinds, evidence.chronicle
    exercise = {dispatch for dispatch, event in told.issued.items() if event.data.space is Space.EXERCISE}
    live = {dispatch for feed in evidence.feeds if feed.space is Space.ACTUAL for dispatch in feed.dispatches}
    return {
        "reports": outcomes.total(),
        "accepted": outcomes[Outcome.ACCEPTED],
        "rejected": sum(outcomes[refused] for refused in REFUSED),
        "duplicates": outcomes[Outcome.DUPLICATE],
        "incidents": kinds.get("IncidentOpened", 0),
        "joined": kinds.get("IncidentUpdated", 0),
        "filed": len(told.accepted.keys() - told.incident_of.keys()),
        "dispatches": kinds.get("DispatchIssued", 0),
        "delivered": kinds.get("DispatchDelivered", 0),
        "acknowledged": kinds.get("DispatchAcknowledged", 0),
        "late": sum(event.data.late for event in told.acknowledged.values()),
        "taken": kinds.get("DispatchAccepted", 0),
        "escalated": kinds.get("DispatchEscalated", 0),
        "reported": kinds.get("ObligationMet", 0),
        "missing": kinds.get("ObligationBreached", 0),
        "exercise_dispatches": len(exercise),
        "exercise_on_live_desks": len(exercise & live),
        "units": len({filing.by for filing, _ in evidence.reports()}),
        "desks": len({feed.desk for feed in evidence.feeds if feed.dispatches}),
    }


def contradictions(evidence: Evidence) -> Iterator[Contradiction]:
    """Every disagreement; none means the receipts, the desks and the ledger tell the same story."""
    yield from _receipts(evidence)
    yield from _ledger(evidence)
    yield from _desks(evidence)
    yield from _answers(evidence)
    yield from _promises(evidence)
    for filing, receipt in evidence.reports():
        yield from _story(filing, receipt, evidence)
    if evidence.parked:
        count = evidence.parked
        yield Contradiction(f"{count} tin bị gác lại không xử lý được", f"{count} messages were parked")


def _receipts(evidence: Evidence) -> Iterator[Contradiction]:
    """Every submission is answered, and what a receipt promises is on record: no more, no less."""
    for filing in evidence.scenario.filings:
        if filing.key not in evidence.receipts:
            yield Contradiction(f"{filing.key}: không có biên nhận", f"{filing.key}: no receipt came")
    told = evidence.chronicle
    for promised, recorded, kind in (
        ({Outcome.ACCEPTED, Outcome.DUPLICATE}, told.accepted.keys(), "ReportAccepted"),
        (REFUSED, told.rejected.keys(), "ReportRejected"),
    ):
        events = {receipt.event for _, receipt in evidence.reports() if receipt.outcome in promised}
        if events != set(recorded):
            yield Contradiction(
                f"biên nhận nói {len(events)} {kind}, luồng có {len(recorded)}",
                f"receipts speak of {len(events)} {kind}, the stream holds {len(recorded)}",
            )
    if missing := told.accepted.keys() - told.incident_of.keys() - set(_filed(evidence)):
        yield Contradiction(
            f"{len(missing)} báo cáo không thuộc sự cố nào", f"{len(missing)} reports reached no incident"
        )


def _filed(evidence: Evidence) -> Iterator[UUID]:
    """Reports (their events) that the story says are about no incident."""
    yield from (receipt.event for filing, receipt in evidence.reports() if filing.expect.filed and receipt.event)


def _ledger(evidence: Evidence) -> Iterator[Contradiction]:
    """The ledger holds exactly the facts of the stream."""
    if evidence.ledger.ids != evidence.chronicle.ids:
        there, here = len(evidence.ledger.ids), len(evidence.chronicle.ids)
        yield Contradiction(f"sổ có {there} sự kiện, luồng có {here}", f"the ledger holds {there}, the stream {here}")


def _desks(evidence: Evidence) -> Iterator[Contradiction]:
    """Every desk got exactly what is addressed to it in its space; an exercise never reaches a live desk."""
    issued, exercises = evidence.chronicle.issued, evidence.chronicle.exercises()
    for feed in evidence.feeds:
        name = f"{feed.desk.agency}/{feed.desk.desk} ({feed.space.value})"
        theirs = {
            dispatch
            for dispatch, event in issued.items()
            if event.data.addressee == feed.desk and subjects.space_of_fact(event.subject) is feed.space
        }
        if feed.dispatches != theirs:
            counts = len(feed.dispatches), len(theirs)
            yield Contradiction(
                f"{name}: bàn trực thấy {counts[0]} nhiệm vụ, được giao {counts[1]}",
                f"{name}: the desk saw {counts[0]} dispatches, {counts[1]} are addressed to it",
            )
        crossed = any(
            (ref.event in exercises) is not (feed.space is Space.EXERCISE)
            for dispatch in feed.dispatches & issued.keys()
            for ref in issued[dispatch].data.reports
        )
        if crossed:
            yield Contradiction(f"{name}: lẫn diễn tập với thật", f"{name}: an exercise and the real thing are mixed")


def _answers(evidence: Evidence) -> Iterator[Contradiction]:
    """What desks were told was recorded is recorded, and nothing else."""
    taken = {dispatch for feed in evidence.feeds for dispatch in feed.taken}
    if taken != evidence.chronicle.taken.keys():
        there, here = len(taken), len(evidence.chronicle.taken)
        yield Contradiction(
            f"bàn trực được báo {there} lần nhận việc, sổ có {here}",
            f"desks hold {there} receipts of taking a duty, {here} are on record",
        )
    receipted = {dispatch for feed in evidence.feeds for dispatch in feed.acknowledged}
    failed = {dispatch for feed in evidence.feeds for dispatch in feed.failed}
    recorded = set(evidence.chronicle.acknowledged)
    if receipted != recorded or failed:
        yield Contradiction(
            f"bàn trực được báo {len(receipted)} lần tiếp nhận ({len(failed)} hỏng), sổ có {len(recorded)}",
            f"desks hold {len(receipted)} receipts ({len(failed)} failed), {len(recorded)} are on record",
        )


def _promises(evidence: Evidence) -> Iterator[Contradiction]:
    """One lead at every instant, and no deadline that fires twice."""
    watch = evidence.chronicle.watch
    watch.settle()
    yield from (Contradiction(*fault) for fault in watch.faults)
    for obligation in watch.twice():
        yield Contradiction(f"hạn {obligation} kích hoạt hai lần", f"deadline {obligation} fired twice")


def _story(filing: Filing, receipt: ReportReceipt, evidence: Evidence) -> Iterator[Contradiction]:
    """What the scenario says must come of a submission."""
    expected = filing.expect
    codes = {problem.code for problem in receipt.problems}
    if receipt.outcome is not expected.outcome or not codes.issuperset(expected.codes):
        came = " ".join([receipt.outcome.value, *sorted(codes)])
        wanted = " ".join([expected.outcome.value, *expected.codes])
        yield Contradiction(f"{filing.key}: {came}, lẽ ra {wanted}", f"{filing.key}: {came} instead of {wanted}")
    elif receipt.outcome is Outcome.ACCEPTED and receipt.event is not None:
        yield from _course(filing.key, expected, receipt.event, evidence)


def _course(key: str, expected: Expected, report: UUID, evidence: Evidence) -> Iterator[Contradiction]:
    told = evidence.chronicle
    incident = told.incident_of.get(report)
    if expected.filed:
        if incident is not None:
            yield Contradiction(f"{key}: lẽ ra không thuộc sự cố nào", f"{key}: should be about no incident")
        return
    lead = told.led_by.get(report)
    named = f"{lead.agency}/{lead.desk}" if lead else None
    if expected.lead and named != expected.lead:
        yield Contradiction(
            f"{key}: chủ trì {named}, lẽ ra {expected.lead}", f"{key}: led by {named} instead of {expected.lead}"
        )
    opened = incident in told.opened and told.opened[incident].data.report.event == report
    earlier = evidence.receipts.get(expected.joins or "")
    wanted = told.incident_of.get(earlier.reports[0].event) if earlier and earlier.reports[0].event else None
    if expected.joins is None and not opened:
        yield Contradiction(f"{key}: bị nhập vào sự cố khác", f"{key}: was joined to another incident")
    if expected.joins is not None and incident != wanted:
        yield Contradiction(f"{key}: không nhập với {expected.joins}", f"{key}: was not joined to {expected.joins}")
