"""What the facts mean on the map: which extent, which kinds of area, which provinces. It decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contracts.decisions import Facts
from contracts.register import AreaKind
from services.routing.regulations.model import NAMED_KINDS, AreaRelation
from services.routing.regulations.resolve import RegisterDay, RegisterIndex, day_of

_LINE: Final = 200


def line(text: str) -> str:
    """The text cut to what one line of a trace may hold."""
    return text if len(text) <= _LINE else text[: _LINE - 1] + "…"


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts seen through the register: places as they were when it happened, agencies as they are now."""

    facts: Facts
    then: RegisterDay
    now: RegisterDay
    areas: tuple[str, ...]
    """Areas named in the facts that the register knew on the day it happened."""
    communes: tuple[str, ...]
    provinces: tuple[str, ...]
    relations: frozenset[AreaRelation]
    place: str
    """The place as the trace shows it."""

    def unchanged(self, area: str) -> bool:
        """Whether the code still stands for the same area; after a reform the same code may name another place."""
        return self.now.areas.get(area) is self.then.areas.get(area)


def survey(facts: Facts, register: RegisterIndex, at: datetime) -> Situation:
    """The situation of these facts, decided at a time: places by the event's day, recipients by today's."""
    then = register.on(day_of(facts.occurred_at))
    communes = tuple(dict.fromkeys(c for c in facts.communes if _is_commune(then, c)))
    areas = tuple(dict.fromkeys(code for code in facts.areas if code in then.areas)) or communes
    provinces = then.of_kind((*areas, *communes), AreaKind.PROVINCE)
    relations = {*_extent(communes, provinces), *_kinds(facts, then, areas)}
    now = register.on(day_of(at))
    return Situation(facts, then, now, areas, communes, provinces, frozenset(relations), _place(facts, areas))


def _place(facts: Facts, areas: tuple[str, ...]) -> str:
    named = " ".join(areas) or "no place the register knows"
    return line(f"position unknown; {named}" if facts.position_unknown else named)


def _is_commune(then: RegisterDay, code: str) -> bool:
    return (area := then.areas.get(code)) is not None and area.kind is AreaKind.COMMUNE


def _extent(communes: tuple[str, ...], provinces: tuple[str, ...]) -> Iterable[AreaRelation]:
    """At most one of the four extents."""
    if len(provinces) > 1:
        yield AreaRelation.SEVERAL_PROVINCES
    elif len(communes) > 1:
        yield AreaRelation.SEVERAL_COMMUNES
    elif communes:
        yield AreaRelation.ONE_COMMUNE
    elif provinces:
        yield AreaRelation.ONE_PROVINCE


def _kinds(facts: Facts, then: RegisterDay, areas: Iterable[str]) -> Iterable[AreaRelation]:
    """The kinds of the areas named, and whether nobody knows the position."""
    if facts.position_unknown:
        yield AreaRelation.POSITION_UNKNOWN
    for code in areas:
        if (relation := NAMED_KINDS.get(then.areas[code].kind)) is not None:
            yield relation
