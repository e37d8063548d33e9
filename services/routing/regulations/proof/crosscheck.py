"""Finds what makes a regulation set unusable with a register: names, desks and levels that do not exist.

It does not prove that the set has no gap or conflict.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from contracts.register import Agency, AreaKind, Register
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.lexicon import Language
from services.routing.regulations.rules.model import RegulationSet, Rule
from services.routing.regulations.rules.reading import UnreadableError, read
from services.routing.regulations.rules.sentences import sentence
from services.routing.regulations.rules.targets import AgencyTarget, AnyTarget, OneTarget, TypeTarget
from services.routing.regulations.rules.when import SCALES

Location = tuple[str | int, ...]
_LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


class Fault(NamedTuple):
    """Something in the set that cannot work."""

    location: Location
    problem: str
    fix: str


class Crosscheck:
    """The check of any set against one register; calling it yields every fault with its location in the set."""

    def __init__(self, register: Register) -> None:
        self._agencies = {agency.code: agency for agency in register.agencies}
        self._areas = {area.code for area in register.areas}
        self._nation = {area.code for area in register.areas if area.kind is AreaKind.NATION}
        self._desks: dict[str, set[str]] = {}
        for agency in register.agencies:
            self._desks.setdefault(agency.type, set()).update(desk.code for desk in agency.desks)

    def __call__(self, regulation_set: RegulationSet) -> Iterator[Fault]:
        """Every fault, in the order of the document."""
        yield from _repeated(regulation_set)
        for index, rule in enumerate(regulation_set.rules):
            yield from _levels(rule, ("rules", index, "when"))
            yield from _unsaid(rule, ("rules", index))
            for number, duty in enumerate(rule.assign):
                yield from self._duty(duty, ("rules", index, "assign", number))
        for index, protection in enumerate(regulation_set.protected):
            for unknown in (area for area in protection.areas if area not in self._areas):
                yield Fault(("protected", index, "areas"), f"no area {unknown}", "add it or correct the code")
        fallback = regulation_set.fallback
        for number, target in enumerate(fallback.levels):
            yield from self._target(target, ("fallback", "levels", number))
        for number, target in enumerate(fallback.inform):
            yield from self._target(target, ("fallback", "inform", number))
        yield from self._target(fallback.last_resort, ("fallback", "last_resort"))

    def _duty(self, duty: Duty, location: Location) -> Iterator[Fault]:
        """Whom the duty names, in whichever part of it."""
        if isinstance(duty.to, AnyTarget):
            for number, member in enumerate(duty.to.any_one_of):
                yield from self._target(member, (*location, "to", "any_one_of", number))
        else:
            yield from self._target(duty.to, (*location, "to"))
        if duty.order is not None:
            yield from self._target(duty.order.next, (*location, "order", "next"))
        if duty.consent is not None:
            for number, target in enumerate(duty.consent.of):
                yield from self._target(target, (*location, "consent", "of", number))

    def _target(self, target: OneTarget, location: Location) -> Iterator[Fault]:
        """Agencies and desks that the register does not hold."""
        if isinstance(target, AgencyTarget):
            yield from self._named(target, location)
        if isinstance(target, TypeTarget) and target.desk is not None:
            known = self._desks.get(target.agency_type.value, set())
            if target.desk not in known:
                problem = f"no {target.agency_type.value} of the register has a desk {target.desk}"
                yield Fault((*location, "desk"), problem, f"use one of: {', '.join(sorted(known)) or 'none'}")

    def _named(self, target: AgencyTarget, location: Location) -> Iterator[Fault]:
        if (agency := self._agencies.get(target.agency)) is None:
            problem = f"agency {target.agency} is not in the register"
            yield Fault((*location, "agency"), problem, "add it or correct the code")
            return
        if self._nation.isdisjoint(agency.covers):
            problem = f"{target.agency} is no national body, so a rule must not name it"
            yield Fault((*location, "agency"), problem, "name it by agency_type and of")
        yield from _desk(target, agency, location)


def _desk(target: AgencyTarget, agency: Agency, location: Location) -> Iterator[Fault]:
    desks = [desk.code for desk in agency.desks]
    if not desks or (target.desk is not None and target.desk not in desks):
        problem = f"{target.agency} has no desk {target.desk or 'at all'}"
        yield Fault((*location, "desk"), problem, f"use one of: {', '.join(desks) or 'none; add one to the register'}")


def _repeated(regulation_set: RegulationSet) -> Iterator[Fault]:
    """Rule codes that stand for two rules: a decision could not be traced to one of them."""
    counted = Counter([regulation_set.fallback.code, *(rule.code for rule in regulation_set.rules)])
    for index, rule in enumerate(regulation_set.rules):
        if counted[rule.code] > 1:
            yield Fault(("rules", index, "code"), f"rule code {rule.code} is used twice", "give each rule its own code")


def _unsaid(rule: Rule, location: Location) -> Iterator[Fault]:
    """A rule whose sentence, read back in either language, does not mean the rule: its reader would be misled."""
    said = sentence(rule)
    for language, text in zip(_LANGUAGES, said, strict=True):
        try:
            meant: object = read(text, language)
        except UnreadableError as error:
            meant = str(error)
        if meant != (rule.law, rule.when, rule.assign):
            problem = f"the {language} sentence of {rule.code} does not say what the rule means: {meant}"
            yield Fault(location, problem, "say it in other conditions or duties, and report this as a defect")


def _levels(rule: Rule, location: Location) -> Iterator[Fault]:
    """Levels above the top of their scale."""
    for scale, top in SCALES.items():
        levels = getattr(rule.when, scale)
        for end in ("min", "max"):
            if levels is not None and (getattr(levels, end) or 0) > top:
                problem = f"{scale} ends at {top}"
                yield Fault((*location, scale, end), problem, f"use a level from 1 to {top}")
