"""Decides who may hand in which report: units, duty desks, and who may log a call for another unit."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from contracts.register import Agency, Desk, FieldUnit, Register
from contracts.reports import IncidentReport, Sender, SituationReport
from contracts.subjects import Origin

Report = IncidentReport | SituationReport


class Senders:
    """Which units and desks may report, on which days."""

    def __init__(self, register: Register) -> None:
        self._units: defaultdict[Origin, list[tuple[Agency, FieldUnit]]] = defaultdict(list)
        self._desks: defaultdict[Origin, list[tuple[Agency, Desk]]] = defaultdict(list)
        self._agencies: defaultdict[str, list[Agency]] = defaultdict(list)
        for agency in register.agencies:
            self._agencies[agency.code].append(agency)
            for unit in agency.units:
                self._units[Origin(agency.code, unit.code)].append((agency, unit))
            for desk in agency.desks:
                self._desks[Origin(agency.code, desk.code)].append((agency, desk))

    def knows(self, origin: Origin, day: date) -> bool:
        """Whether agency and unit are both valid on that day."""
        return any(agency.holds_on(day) and unit.holds_on(day) for agency, unit in self._units.get(origin, ()))

    def may_report(self, origin: Origin, report: Report, day: date) -> bool:
        """A unit may report anything; a duty desk what it logs for a unit, and its agency's situation reports."""
        if self.knows(origin, day):
            return True
        as_desk = report.on_behalf_of is not None or isinstance(report, SituationReport)
        return as_desk and self._is_desk(origin, day)

    def may_carry(self, origin: Origin, day: date) -> bool:
        """Whether this unit or desk is there that day: each may hand in what another signed."""
        return self.knows(origin, day) or self._is_desk(origin, day)

    def may_log_for(self, origin: Origin, unit: Sender, day: date) -> bool:
        """The unit exists that day, and the agency that logs is its own or a superior of it, in any of the trees."""
        if not self.knows(Origin(unit.agency, unit.unit), day):
            return False
        return origin.agency == unit.agency or origin.agency in set(self._above(unit.agency, day))

    def _is_desk(self, origin: Origin, day: date) -> bool:
        return any(agency.holds_on(day) and desk.holds_on(day) for agency, desk in self._desks.get(origin, ()))

    def _above(self, agency: str, day: date) -> Iterator[str]:
        """Every agency above this one, near or far, whatever the tree."""
        seen, waiting = {agency}, [agency]
        while waiting:
            code = waiting.pop()
            for held in self._agencies.get(code, ()):
                for relation in held.relations if held.holds_on(day) else ():
                    if relation.holds_on(day) and relation.superior not in seen:
                        seen.add(relation.superior)
                        waiting.append(relation.superior)
                        yield relation.superior
