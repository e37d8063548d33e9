"""Judges a run from its evidence alone: what was lost, duplicated or out of order, each with its shortest witness.

Shares no code with the services: what they believe of themselves is not asked.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.system.desks import Acted, Received
from tests.system.evidence import Evidence, Fact
from tests.system.load import Sent

STORED_AS = {
    "accepted": "ReportAccepted",
    "duplicate": "ReportAccepted",
    "conflict": "ReportRejected",
    "rejected": "ReportRejected",
}
RUNGS = ("DispatchDelivered", "DispatchAcknowledged", "DispatchEscalated")
HEARD = ("DispatchRepeated", "DispatchEscalated", "ObligationExcused")
"""What answers silence: the desk is asked again, the next one is, or it is owed no longer."""
SILENCE = timedelta(seconds=12)
"""How long after its time an escalation may come: the sweep's interval and grace, and a restart."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One broken promise."""

    kind: str
    witness: str


def verdict(evidence: Evidence, sent: Iterable[Sent] = (), acted: Iterable[Acted] = ()) -> str:
    """Empty when every promise held; otherwise each kind of flaw with its count and its shortest witness."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for flaw in flaws(evidence, list(sent), list(acted)):
        found[flaw.kind].append(flaw.witness)
    return "\n".join(f"{kind} × {len(all_)}: {min(all_, key=len)}" for kind, all_ in sorted(found.items()))


def flaws(evidence: Evidence, sent: list[Sent], acted: list[Acted]) -> Iterator[Flaw]:
    """Every broken promise, one by one."""
    yield from stream_flaws(evidence.facts)
    yield from ledger_flaws(evidence)
    yield from receipt_flaws(evidence, sent)
    yield from incident_flaws(evidence)
    yield from dispatch_flaws(evidence)
    yield from desk_flaws(evidence)
    yield from action_flaws(evidence, acted)


def stream_flaws(facts: list[Fact]) -> Iterator[Flaw]:
    """One gapless sequence; no event id twice; no effect before its cause."""
    for position, fact in enumerate(facts, start=1):
        if fact.sequence != position:
            yield Flaw("stream: gap", f"{fact.sequence} where {position} belongs")
            return
    yield from _twice("stream: event id twice", facts, lambda fact: fact.id)
    first = {fact.id: fact.sequence for fact in reversed(facts)}
    for fact in facts:
        cause = first.get(str(fact.event.get("causationid")))
        if cause is not None and cause >= fact.sequence:
            yield Flaw("stream: effect before cause", f"{fact.kind} {fact.sequence} caused by {cause}")


def ledger_flaws(evidence: Evidence) -> Iterator[Flaw]:
    """The ledger is the stream, entry for entry, byte for byte."""
    if len(evidence.rows) != len(evidence.facts):
        yield Flaw("ledger: length", f"{len(evidence.rows)} rows for {len(evidence.facts)} messages")
    for position, (row, fact) in enumerate(zip(evidence.rows, evidence.facts, strict=False)):
        if (row.idx, row.sequence) != (position, fact.sequence):
            yield Flaw("ledger: gap", f"idx {row.idx} seq {row.sequence}, expected {position} and {fact.sequence}")
            return
        if (row.subject, row.body) != (fact.subject, fact.body):
            yield Flaw("ledger: other content", f"seq {row.sequence}")
        if row.event_type == "repeated" or (fact.event and row.event_id != fact.id):
            yield Flaw("ledger: other event", f"seq {row.sequence} {row.event_type} {row.event_id}")


def receipt_flaws(evidence: Evidence, sent: list[Sent]) -> Iterator[Flaw]:
    """Who was told something finds exactly that on record, once; and nothing is on record that nobody sent."""
    on_record = {fact.id: fact for fact in evidence.facts if ".report." in fact.subject and fact.event}
    for one in sent:
        if not one.told:
            yield Flaw("sender: no receipt", f"{one.agency}/{one.unit} {one.kind} {one.report}")
        if len({(STORED_AS[told["outcome"]], told["event"]) for told in one.told}) > 1:
            yield Flaw("sender: receipts disagree", str(one.told))
        for told in one.told:
            yield from _promise(one, told, on_record.get(told["event"]))
        yield from _wrong_outcome(one)
    if sent:
        promised = {told["event"] for one in sent for told in one.told}
        for event in on_record.keys() - promised:
            yield Flaw("report: from nowhere", f"{on_record[event].kind} {on_record[event].sequence}")
    yield from _twice("report: accepted twice", evidence.of("ReportAccepted"), lambda fact: fact.subject)


def _promise(one: Sent, told: Mapping[str, Any], fact: Fact | None) -> Iterator[Flaw]:
    """A receipt is a promise that its event is on record, as what it says, for this sender and this report."""
    if fact is None:
        yield Flaw("report: lost", f"{one.kind} {one.report} was told {told['outcome']}")
    elif fact.kind != STORED_AS[told["outcome"]] or f".{one.agency}.{one.unit}." not in fact.subject:
        yield Flaw("report: recorded as something else", f"{fact.kind} {fact.subject} for {told}")
    elif fact.kind == "ReportAccepted" and fact.data["report"]["report"] != one.report:
        yield Flaw("report: other report", f"{fact.sequence} for {one.report}")


def _wrong_outcome(one: Sent) -> Iterator[Flaw]:
    allowed = {
        "new": {"accepted", "duplicate"},
        "repeat": {"duplicate"},
        "conflict": {"conflict"},
        "bad": {"rejected"},
    }
    if wrong := {told["outcome"] for told in one.told} - allowed[one.kind]:
        yield Flaw("sender: wrong outcome", f"{one.kind} told {wrong}")


def incident_flaws(evidence: Evidence) -> Iterator[Flaw]:
    """Every accepted report is in exactly one incident; an incident opens once, before anything else of it."""
    yield from _opening_flaws(fact for fact in evidence.facts if ".incident." in fact.subject)
    joined: defaultdict[str, list[str]] = defaultdict(list)
    for fact in evidence.facts:
        if fact.kind in {"IncidentOpened", "IncidentUpdated"}:
            joined[fact.data["report"]["event"]].append(str(fact.data["incident"]))
    accepted = {fact.id for fact in evidence.of("ReportAccepted")}
    for event in accepted - joined.keys():
        yield Flaw("report: in no incident", event)
    for event in joined.keys() - accepted:
        yield Flaw("incident: of a report nobody accepted", event)
    for event, incidents in joined.items():
        if len(incidents) > 1:
            yield Flaw("report: in several incidents", f"{event} in {incidents}")


def _opening_flaws(facts: Iterable[Fact]) -> Iterator[Flaw]:
    opened: set[str] = set()
    for fact in facts:
        incident = fact.subject.split(".")[2]
        if fact.kind == "IncidentOpened":
            if incident in opened:
                yield Flaw("incident: opened twice", incident)
            opened.add(incident)
        elif incident not in opened:
            yield Flaw("incident: fact before opening", f"{fact.kind} {fact.sequence}")


def dispatch_flaws(evidence: Evidence) -> Iterator[Flaw]:
    """A desk is told once per incident, role and silence; each rung once, after the issue; silence is always heard."""
    issued = {str(fact.data["dispatch"]): fact for fact in evidence.of("DispatchIssued")}
    yield from _twice("dispatch: issued twice", evidence.of("DispatchIssued"), lambda fact: str(fact.data["dispatch"]))
    yield from _twice("dispatch: desk told twice", issued.values(), _why_told)
    rungs = [fact for kind in RUNGS for fact in evidence.of(kind)]
    yield from _twice(
        "dispatch: rung twice", rungs, lambda fact: f"{fact.kind} {fact.data['dispatch']} {fact.data.get('obligation')}"
    )
    for fact in rungs:
        if (of := issued.get(fact.data["dispatch"])) is None or of.sequence > fact.sequence:
            yield Flaw("dispatch: rung before issue", f"{fact.kind} {fact.sequence}")
    yield from _unheard(evidence)


def _why_told(issued: Fact) -> str:
    """Two silent desks may have the same next one, two duties the same key: it is told of each."""
    because = [issued.data.get(name) for name in ("escalated_from", "forwarded_from", "consents_to")]
    return f"{issued.subject} {issued.data['role']} after {because}"


def _which_rung(rung: Fact) -> str:
    """A dispatch may owe several things, and silence about each is heard."""
    return f"{rung.kind} {rung.data['dispatch']} {rung.data.get('obligation')}"


def _unheard(evidence: Evidence) -> Iterator[Flaw]:
    """What was to be acknowledged long before the stream ends, and neither was, nor was asked again, nor escalated."""
    end = evidence.facts[-1].stored_at if evidence.facts else None
    acknowledged = {fact.data["dispatch"] for fact in evidence.of("DispatchAcknowledged")}
    heard = {fact.data.get("obligation") for kind in HEARD for fact in evidence.of(kind)}
    for fact in (*evidence.of("DispatchIssued"), *evidence.of("DispatchRepeated")):
        for owed in (*fact.data.get("obligations", ()), *([fact.data["repeat"]] if "repeat" in fact.data else ())):
            due = datetime.fromisoformat(owed["due"])
            open_ = fact.data["dispatch"] not in acknowledged and owed["obligation"] not in heard
            if owed["kind"] == "acknowledge" and open_ and end is not None and due + SILENCE < end:
                yield Flaw("dispatch: silence unheard", f"{fact.data['dispatch']} due {due}, stream ends {end}")


def desk_flaws(evidence: Evidence) -> Iterator[Flaw]:
    """Every dispatch fact reached its own desk and nobody else, in order; the bus may repeat one, unchanged."""
    wanted: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in evidence.facts:
        if ".dispatch." in fact.subject:
            space, _, _, _, agency, desk = fact.subject.split(".")
            wanted[f"{space}/{agency}/{desk}"].append(fact)
    for desk in wanted.keys() | evidence.desks.keys():
        yield from _one_desk(desk, wanted[desk], evidence.desks.get(desk, []))


def _one_desk(desk: str, wanted: list[Fact], received: list[Received]) -> Iterator[Flaw]:
    first: dict[int, Received] = {}
    for one in received:
        known = first.setdefault(one.sequence, one)
        if known.body != one.body:
            yield Flaw("desk: repeated with other content", f"{desk} {one.sequence}")
    order = list(first)
    if order != sorted(order):
        back = next(later for before, later in pairwise(order) if later < before)
        yield Flaw("desk: out of order", f"{desk} {back}")
    owed = {fact.sequence: fact for fact in wanted}
    for sequence in owed.keys() - first.keys():
        yield Flaw("desk: never reached", f"{desk} {owed[sequence].kind} {sequence}")
    for sequence in first.keys() - owed.keys():
        yield Flaw("desk: not theirs", f"{desk} {sequence} {first[sequence].subject}")
    for sequence, fact in owed.items():
        if sequence in first and first[sequence].body != fact.body:
            yield Flaw("desk: other content", f"{desk} {sequence}")


def action_flaws(evidence: Evidence, acted: list[Acted]) -> Iterator[Flaw]:
    """An act a desk was told is recorded is recorded once."""
    recorded = Counter(fact.data["action"] for fact in evidence.facts if fact.kind == "DispatchAcknowledged")
    for one in acted:
        if not one.told:
            yield Flaw("desk: no receipt", one.action)
        for told in one.told:
            if told["outcome"] not in {"accepted", "duplicate"}:
                yield Flaw("desk: act refused", str(told)[:300])
        if one.told and recorded[one.action] != 1:
            yield Flaw("desk: act recorded not once", f"{one.action} {recorded[one.action]} times")


def _twice(kind: str, facts: Iterable[Fact], key: Callable[[Fact], str]) -> Iterator[Flaw]:
    seen: dict[str, int] = {}
    for fact in facts:
        if (name := key(fact)) in seen:
            yield Flaw(kind, f"{name} at {seen[name]} and {fact.sequence}")
        seen.setdefault(name, fact.sequence)
