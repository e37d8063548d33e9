"""Turns a recipient named by relation into duty desks of the register, or into the named reason why there is none."""

from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Final, NamedTuple

from services.routing.regulations.engine.posts import Nobody, Post, Recipients
from services.routing.regulations.engine.resolve import Site
from services.routing.regulations.engine.situation import Situation
from services.routing.regulations.rules.agency_types import COMMUNE_LEVEL
from services.routing.regulations.rules.targets import (
    AgencyTarget,
    AnyTarget,
    CommonTarget,
    Of,
    ReporterTarget,
    SuperiorTarget,
    Target,
    TypeTarget,
)

_NO_LEAD: Final = Nobody("there is no lead whose superior could be told")


class Kin(NamedTuple):
    """Those whose superiors a target may mean."""

    lead: Post | None = None
    """Once that is known."""
    holder: Post | None = None
    """The recipient of the duty, where the target belongs to a recipient."""


NO_KIN: Final = Kin()
Finds = Callable[[Situation, Kin], Recipients]
Agencies = Iterable[str | Nobody]
_MEANT: Final[dict[Of, Callable[[Site], tuple[str, ...]]]] = {
    Of.COMMUNE: attrgetter("communes"),
    Of.PROVINCE: attrgetter("provinces"),
    Of.AREA: attrgetter("areas"),
}


class _Covering:
    """Agencies of a type that cover the areas meant."""

    __slots__ = ("agency_type", "areas", "desk", "of")

    def __init__(self, target: TypeTarget) -> None:
        self.agency_type = target.agency_type.value
        self.desk = target.desk
        self.of = target.of
        self.areas = _MEANT[target.of]


def finder(target: Target) -> Finds:
    """How every desk that the target means is found, whatever the situation."""
    match target:
        case AnyTarget():
            return partial(_any_of, tuple(finder(member) for member in target.any_one_of))
        case TypeTarget():
            return partial(_of_type, _Covering(target))
        case SuperiorTarget():
            return partial(_desks, partial(_superiors, target), target.desk)
        case CommonTarget():
            return partial(_desks, partial(_common, target), target.desk)
        case ReporterTarget():
            return partial(_desks, _reporter, target.desk)
        case AgencyTarget():
            return partial(_agency, target.agency, target.desk)


def _any_of(members: tuple[Finds, ...], situation: Situation, kin: Kin) -> Recipients:
    return _together([find(situation, kin) for find in members])


def _together(each: list[Recipients]) -> Recipients:
    """Every desk once."""
    found = dict.fromkeys([post for one in each for post in one.found])
    return Recipients(tuple(found), tuple([reason for one in each for reason in one.missing]))


def _desks(
    agencies: Callable[[Situation, Kin], Agencies], desk: str | None, situation: Situation, kin: Kin
) -> Recipients:
    """That desk of each agency, or its first."""
    return _posts(agencies(situation, kin), desk, situation)


def _posts(agencies: Agencies, desk: str | None, situation: Situation) -> Recipients:
    found: dict[Post, None] = {}
    missing: list[str] = []
    for agency in agencies:
        match agency if isinstance(agency, Nobody) else situation.now.posts.post(agency, desk):
            case Post() as post:
                found[post] = None
            case Nobody(reason):
                missing.append(reason)
    return Recipients(tuple(found), tuple(missing))


def _agency(code: str, desk: str | None, situation: Situation, _kin: Kin) -> Recipients:
    post = situation.now.posts.post(code, desk)
    return Recipients((post,), ()) if isinstance(post, Post) else Recipients((), (post.reason,))


def _reporter(situation: Situation, _kin: Kin) -> Agencies:
    return (situation.reporter,)


def _of_type(meant: _Covering, situation: Situation, _kin: Kin) -> Recipients:
    """An area nobody covers is named."""
    site, now = situation.site, situation.now
    areas = meant.areas(site)
    if len(areas) == 1 and site.then is now and (known := now.holders.get((meant.agency_type, areas[0], meant.desk))):
        return known
    if not areas:
        return Recipients((), (f"no {meant.of.value} is known, so no {meant.agency_type}",))
    return _together([_in_area(meant, area, situation) for area in areas])


def _in_area(meant: _Covering, area: str, situation: Situation) -> Recipients:
    """Who answers for the area; of named areas otherwise who does for the nearest around it that anybody covers."""
    known = situation.now.holders.get((meant.agency_type, area, meant.desk))
    if known is not None and situation.unchanged(area):
        return known
    outward = situation.site.then.surroundings(area) if meant.of is Of.AREA else (area,)
    return _posts(_nearest(meant.agency_type, area, outward, situation), meant.desk, situation)


def _nearest(agency_type: str, area: str, outward: Iterable[str], situation: Situation) -> Agencies:
    for around in outward:
        if not situation.unchanged(around):
            return (Nobody(f"{around} is another area now than on the day it happened"),)
        if agencies := situation.now.covering(agency_type, around):
            return agencies
    return (Nobody(f"no {agency_type} covers {area}"),)


def _superiors(target: SuperiorTarget, situation: Situation, kin: Kin) -> Agencies:
    below = _below(target, situation, kin)
    if below is None:
        return (_NO_LEAD,)
    above = situation.now.superiors(below, target.tree)
    return above or (Nobody(f"{below} has no superior in the {target.tree.value} tree"),)


def _below(target: SuperiorTarget, situation: Situation, kin: Kin) -> str | None:
    """The agency whose superior is meant."""
    if target.superior_of == "reporter":
        return situation.reporter
    one = kin.lead if target.superior_of == "lead" else kin.holder
    return None if one is None else one.addressee.agency


def _common(target: CommonTarget, situation: Situation, _kin: Kin) -> Agencies:
    """The first agency in one commune's line of command that stands in those of all the others."""
    feet = [
        agency
        for commune in situation.site.communes
        for agency in _nearest(COMMUNE_LEVEL[target.tree], commune, (commune,), situation)
    ]
    lines: list[tuple[str, ...]] = []
    for foot in feet:
        if isinstance(foot, Nobody):
            return (foot,)
        lines.append(situation.now.line_of_command(foot, target.tree))
    shared = (code for code in (lines[0] if lines else ()) if all(code in other for other in lines))
    return (next(shared, Nobody(f"the communes have no common superior in the {target.tree.value} tree")),)
