"""Turns a recipient named by relation into duty desks of the register, or into the named reason why there is none."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from contracts.decisions import Addressee
from services.routing.regulations.agency_types import COMMUNE_LEVEL
from services.routing.regulations.resolve import Nobody
from services.routing.regulations.situation import Situation
from services.routing.regulations.targets import (
    AgencyTarget,
    AnyTarget,
    CommonTarget,
    Of,
    OneTarget,
    ReporterTarget,
    SuperiorTarget,
    Target,
    TypeTarget,
)

_NO_LEAD: Final = Nobody("there is no lead whose superior could be told")


class Recipients(NamedTuple):
    """The desks found, and why some are missing."""

    found: tuple[Addressee, ...]
    missing: tuple[str, ...]


class Kin(NamedTuple):
    """Those whose superiors a target may mean."""

    lead: Addressee | None = None
    """Once that is known."""
    holder: Addressee | None = None
    """The recipient of the duty, where the target belongs to a recipient."""


_NO_KIN: Final = Kin()


def recipients(target: Target, situation: Situation, kin: Kin = _NO_KIN) -> Recipients:
    """Every desk a target means in this situation."""
    if isinstance(target, AnyTarget):
        each = [recipients(member, situation, kin) for member in target.any_one_of]
        found_by_any = dict.fromkeys(desk for one in each for desk in one.found)
        return Recipients(tuple(found_by_any), tuple(reason for one in each for reason in one.missing))
    found: dict[Addressee, None] = {}
    missing: list[str] = []
    for agency in _agencies(target, situation, kin):
        desk = agency if isinstance(agency, Nobody) else situation.now.desk(agency, target.desk)
        match desk:
            case Addressee():
                found[desk] = None
            case Nobody(reason):
                missing.append(reason)
    return Recipients(tuple(found), tuple(missing))


def _agencies(target: OneTarget, situation: Situation, kin: Kin) -> Iterable[str | Nobody]:
    match target:
        case TypeTarget():
            return _of_type(target, situation)
        case SuperiorTarget():
            return _superiors(_below(target, situation, kin), target, situation)
        case CommonTarget():
            return (_common(target, situation),)
        case ReporterTarget():
            return (situation.reporter,)
        case AgencyTarget():
            return (target.agency,)


def _below(target: SuperiorTarget, situation: Situation, kin: Kin) -> str | None:
    """The agency whose superior is meant."""
    if target.superior_of == "reporter":
        return situation.reporter
    one = kin.lead if target.superior_of == "lead" else kin.holder
    return None if one is None else one.agency


def _of_type(target: TypeTarget, situation: Situation) -> Iterator[str | Nobody]:
    """Agencies of the type that cover the areas meant; an area nobody covers is named."""
    site = situation.site
    wanted = {Of.COMMUNE: site.communes, Of.PROVINCE: site.provinces, Of.AREA: site.areas}[target.of]
    if not wanted:
        yield Nobody(f"no {target.of.value} is known, so no {target.agency_type.value}")
    for area in wanted:
        outward = site.then.surroundings(area) if target.of is Of.AREA else (area,)
        yield from _nearest(target.agency_type.value, area, outward, situation)


def _nearest(agency_type: str, area: str, outward: Iterable[str], situation: Situation) -> Iterable[str | Nobody]:
    for around in outward:
        if not situation.unchanged(around):
            return (Nobody(f"{around} is another area now than on the day it happened"),)
        if agencies := situation.now.covering(agency_type, around):
            return agencies
    return (Nobody(f"no {agency_type} covers {area}"),)


def _superiors(of: str | None, target: SuperiorTarget, situation: Situation) -> Iterable[str | Nobody]:
    if of is None:
        return (_NO_LEAD,)
    nobody = Nobody(f"{of} has no superior in the {target.tree.value} tree")
    return situation.now.superiors(of, target.tree) or (nobody,)


def _common(target: CommonTarget, situation: Situation) -> str | Nobody:
    """The first agency in one commune's line of command that stands in those of all the others."""
    feet = [
        agency
        for commune in situation.site.communes
        for agency in _nearest(COMMUNE_LEVEL[target.tree], commune, (commune,), situation)
    ]
    lines: list[tuple[str, ...]] = []
    for foot in feet:
        if isinstance(foot, Nobody):
            return foot
        lines.append(situation.now.line_of_command(foot, target.tree))
    shared = (code for code in (lines[0] if lines else ()) if all(code in other for other in lines))
    return next(shared, Nobody(f"the communes have no common superior in the {target.tree.value} tree"))
