"""Reads past incidents from the record and takes them through a draft set, as one JSON document. It prints nothing."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nats.aio.client import Client

from contracts import subjects
from contracts.activation import REGISTER_CODE, TextKind
from contracts.decisions import Decision
from contracts.envelope import read
from services.routing.commands.regulation_files import load_rules
from services.routing.deciding import Regulator
from services.routing.in_force.recorded import EVENTS, Record
from services.routing.in_force.standing import Library, standing
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.rules.texts import TextKey, text_of_set
from services.routing.regulations.telling.replay import Grounds, Replayed, courses, replay
from services.runtime import clock
from services.runtime.jetstream import read_subject

Document = dict[str, Any]
_KINDS: Final = ("gains", "loses", "role", "deadline", "order", "consent", "lead_by", "fallback")


async def replayed(client: Client, draft: Path, since: datetime | None, until: datetime | None) -> Document:
    """What the draft changes for the incidents opened in that time.

    Raises `documents.DocumentError` for a draft that does not fit the register, `standing.NothingStandsError`,
    `BusUnavailableError`.
    """
    record = Record()
    await record.catch_up(client)
    now = await standing(client, record, clock.now())
    regulation_set = load_rules(draft, now.register.register)
    rules = RuleIndex(regulation_set)
    library = Library(client, record)
    found = courses([fact async for fact in _facts(client)])
    chosen = [one for one in found if _within(one.opened_at, since, until)]
    results = [
        replay(one, [await _grounds(library, rules, past.decision, now.register) for past in one.decisions])
        for one in chosen
    ]
    return {
        "draft": {
            "set": regulation_set.code,
            "set_version": regulation_set.version,
            "sha256": text_of_set(regulation_set).sha256,
        },
        "from": since and since.isoformat(),
        "to": until and until.isoformat(),
        **_summary(results),
    }


async def _facts(client: Client) -> AsyncIterator[tuple[datetime, object]]:
    """Every fact about the course of an incident, with when it was stored."""
    async for stored in read_subject(client, EVENTS, subjects.ALL_COURSES):
        event = read(stored.body)
        yield event.time, event.data


def _within(moment: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or since <= moment) and (until is None or moment < until)


async def _grounds(library: Library, draft: RuleIndex, decision: Decision, today: RegisterIndex) -> Grounds:
    """Both sets with the register known then; with today's where that one was never recorded."""
    known = await library.register(TextKey(TextKind.REGISTER, REGISTER_CODE, decision.register_version))
    rules = await library.rules(decision.set, decision.set_version)
    register = known or today
    return Grounds(Regulator(draft, register), None if rules is None or known is None else Regulator(rules, register))


def _summary(results: list[Replayed]) -> Document:
    affected = [one for one in results if one.effects]
    counted = Counter(effect.kind for one in affected for effect in one.effects)
    return {
        "incidents": len(results),
        "decisions": sum(len(one.course.decisions) for one in results),
        "counts": {kind: counted[kind] for kind in _KINDS},
        "without_lead": sum(one.without_lead for one in results),
        "differs_from_record": [str(one.course.incident) for one in results if one.differs_from_record],
        "affected": [_incident(one) for one in affected],
    }


def _incident(one: Replayed) -> Document:
    course = one.course
    return {
        "incident": str(course.incident),
        "opened_at": course.opened_at.isoformat(),
        "category": course.category.value,
        "headline": course.headline,
        "without_lead": one.without_lead,
        "effects": [
            {"kind": e.kind, "desk": e.desk, "text": {"vi": e.words.vi, "en": e.words.en}} for e in one.effects
        ],
    }
