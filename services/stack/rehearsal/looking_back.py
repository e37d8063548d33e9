"""Looks at a finished rehearsal as `incident show --at` and `audit report` do, and compares with what was recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from nats.aio.client import Client

from contracts.codes import Space
from contracts.decisions import ObligationKind
from contracts.events import DispatchIssued
from contracts.lifecycle import ObligationMet
from services.audit.reports.auditing import Period, obligations
from services.routing.commands.incident_reading import facts_of
from services.routing.incident.history import Recorded
from services.routing.incident.picture import Picture, picture
from services.routing.incident.shown import Knowledge
from services.runtime.terminal import local_date_time
from services.stack.rehearsal.checking import Fault, Watch
from services.stack.rehearsal.playing import Rehearsal
from services.stack.rehearsal.steps import party

LOOKED_AT: Final = "A"
"""The letter of the incident that is looked at."""
_OF_THE_HUB: Final = frozenset({ObligationKind.ORDER_PROMPT, ObligationKind.ORDER_EXPIRES})
"""Times at which the hub itself does something: no desk owes them."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The incident as it was at one instant."""

    step: str
    incident: UUID
    at: datetime
    lead: str
    commander: str | None
    facts: int
    desks: int
    """Desks that had been shown something."""
    shown: int
    proved: int
    """What is proved to have been seen of what was shown."""

    @property
    def local(self) -> str:
        """The instant on the clock in Việt Nam."""
        return local_date_time(self.at)


class Reckoned(NamedTuple):
    """What the obligations report counts, over all agencies."""

    owed: int
    met: int
    late: int
    breached: int
    excused: int
    open: int

    def since(self, before: "Reckoned") -> "Reckoned":
        """What came on top of an earlier count."""
        return Reckoned(*(now - then for now, then in zip(self, before, strict=True)))


async def reckoned(dsn: str) -> Reckoned:
    """The obligations report of all exercises in this ledger, summed up. Raises `LedgerUnavailableError`."""
    lines = (await obligations(dsn, Period(space=Space.EXERCISE))).lines
    return Reckoned(*(sum(getattr(line, name) for line in lines) for name in Reckoned._fields))


async def looked_back(
    client: Client, rehearsal: Rehearsal, steps: tuple[str, ...]
) -> tuple[list[Glimpse], list[Fault]]:
    """The first incident after each of these steps, as a person asks for it later, and what is wrong with that."""
    incident = rehearsal.record.incidents[LOOKED_AT]
    recorded = await facts_of(client, (Space.EXERCISE, incident))
    stored = {fact.event.id: fact.at for fact in recorded}
    seen: list[Glimpse] = []
    faults: list[Fault] = []
    for step in steps:
        watch, ids = _until(rehearsal, step, incident)
        at = stored[ids[-1]]
        then = picture(recorded, at)
        if then is None:
            faults.append(Fault(f"{step}: không thấy gì", f"{step}: nothing is seen"))
            continue
        seen.append(_glimpse(step, then, watch))
        faults += _contradictions(seen[-1], then, (watch, ids))
    return seen, faults


def owed_in(rehearsal: Rehearsal) -> int:
    """How many obligations of desks arose; asking again is no second one."""
    facts = [fact.data for fact in rehearsal.record.facts]
    issued = (owed for data in facts if isinstance(data, DispatchIssued) for owed in data.obligations)
    following = sum(isinstance(data, ObligationMet) and data.next is not None for data in facts)
    return sum(owed.kind not in _OF_THE_HUB for owed in issued) + following


def unreckoned(rehearsal: Rehearsal, on_top: Reckoned) -> Iterator[Fault]:
    """Where the ledger's report and the facts of the rehearsal disagree about what was owed."""
    if on_top.owed != (owed := owed_in(rehearsal)):
        yield Fault(
            f"báo cáo nghĩa vụ đếm {on_top.owed}, thực tế {owed}", f"the report counts {on_top.owed} owed, not {owed}"
        )
    if on_top.open:
        yield Fault(f"còn {on_top.open} nghĩa vụ chưa kết thúc", f"{on_top.open} obligations are still open")
    if not on_top.late + on_top.breached:
        yield Fault("không tính bàn trực im lặng", "the silent desk was not counted")


def _until(rehearsal: Rehearsal, step: str, incident: UUID) -> tuple[Watch, list[UUID]]:
    """The facts of everything up to the end of a step, followed anew; and the ids of those of one incident."""
    index = next(number for number, seen in enumerate(rehearsal.steps) if seen.step.key == step)
    later = rehearsal.steps[index + 1 :]
    facts: list[Any] = rehearsal.record.facts[: later[0].first if later else None]
    watch = Watch()
    for fact in facts:
        watch.take(fact)
    return watch, [fact.id for fact in facts if fact.data.incident == incident]


def _glimpse(step: str, then: Picture, watch: Watch) -> Glimpse:
    known = [one for shown in then.knew.values() for one in shown]
    return Glimpse(
        step,
        then.incident,
        then.at,
        party(then.history.lead) if then.history.lead else "-",
        watch.courses[then.incident].commander,
        len(then.timeline),
        len(then.knew),
        len(known),
        sum(one.knowledge is Knowledge.PROVED for one in known),
    )


def _contradictions(seen: Glimpse, then: Picture, recorded: tuple[Watch, list[UUID]]) -> Iterator[Fault]:
    watch, ids = recorded
    if [fact.event.id for fact in then.timeline] != ids:
        yield Fault(f"{seen.step}: diễn biến lúc đó khác", f"{seen.step}: another timeline than was recorded by then")
    course = watch.courses[seen.incident]
    if course.lead is None or seen.lead != party(course.lead):
        yield Fault(f"{seen.step}: chủ trì khác lúc đó", f"{seen.step}: another lead than there was then")
    commander = then.history.command[-1].who if then.history.command else None
    if commander != course.commander:
        yield Fault(f"{seen.step}: chỉ huy khác lúc đó", f"{seen.step}: another commander than there was then")
    if any(_later(one.fact, seen.at) for shown in then.knew.values() for one in shown):
        yield Fault(f"{seen.step}: biết trước điều chưa xảy ra", f"{seen.step}: a desk knew what came later")


def _later(fact: Recorded, at: datetime) -> bool:
    return fact.at > at
