"""A register of one province with two communes, one calendar, and the machine over a list of facts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from contracts.codes import Space
from contracts.envelope import Event
from contracts.events import ReportAccepted
from contracts.register import Agency, Area, AreaKind, Desk, FieldUnit, Register, Relation, Tree
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.files import load_reporting
from services.routing.reporting.regime.book import Standing, after
from services.routing.reporting.regime.chasing import overdue, owed
from services.routing.reporting.regime.demands import Demand
from services.routing.reporting.regime.filing import Filing, filed, reporter
from services.routing.reporting.regime.owing import Debt, debts

SINCE: Final = date(2025, 7, 1)
REPORTING: Final = load_reporting(Path(__file__).parents[3] / "deploy" / "reference")
NOON: Final = datetime(2026, 11, 22, 5, tzinfo=UTC)
DUE: Final = datetime(2026, 11, 22, 10, tzinfo=UTC)
"""When the communes' quick report about the day of `NOON` is due."""
ONE, OTHER, ABOVE = "ptds-x-mot", "ptds-x-hai", "ptds-t"


def _agency(code: str, kind: str, area: str, *superiors: tuple[Tree, str], valid_to: date | None = None) -> Agency:
    return Agency(
        id=uuid5(UUID(int=0), code),
        code=code,
        type=kind,
        name_vi=code,
        name_en=code,
        covers=(area,),
        relations=tuple(Relation(tree=tree, superior=code, valid_from=SINCE) for tree, code in superiors),
        desks=(Desk(code="truc-ban", name_vi="Trực ban", name_en="Duty desk", valid_from=SINCE),),
        units=(FieldUnit(code="van-phong", name_vi="Văn phòng", name_en="Office", valid_from=SINCE),),
        valid_from=SINCE,
        valid_to=valid_to,
    )


def register(**ends: date) -> Register:
    """The register; `one` or `other` may end early."""
    areas = (
        Area(code="46", kind=AreaKind.PROVINCE, name_vi="Huế", name_en="Huế", valid_from=SINCE),
        Area(code="m", kind=AreaKind.COMMUNE, name_vi="Một", name_en="One", parents=("46",), valid_from=SINCE),
        Area(code="h", kind=AreaKind.COMMUNE, name_vi="Hai", name_en="Two", parents=("46",), valid_from=SINCE),
    )
    up = (Tree.SECTOR, ABOVE)
    agencies = (
        _agency(ABOVE, "PTDS-T", "46"),
        _agency("ubnd-t", "UBND-T", "46"),
        _agency(ONE, "PTDS-X", "m", (Tree.ADMINISTRATIVE, "ubnd-x-mot"), up, valid_to=ends.get("one")),
        _agency(OTHER, "PTDS-X", "h", up, valid_to=ends.get("other")),
        _agency("ubnd-x-mot", "UBND-X", "m", (Tree.ADMINISTRATIVE, "ubnd-t")),
        _agency("ca-x-mot", "CA-X", "m"),
    )
    return Register(version="t", as_of=SINCE, label_vi="t", label_en="t", areas=areas, agencies=agencies)


INDEX: Final = RegisterIndex(register())


def demand(
    *areas: str, since: datetime = NOON, until: datetime | None = None, by: frozenset[str] | None = None
) -> Demand:
    """An incident in these areas, or an order for these calendars."""
    return Demand(Space.ACTUAL, uuid5(UUID(int=1), f"{areas}{since}"), areas, by, since, until)


def found(*demands: Demand, until: datetime, index: RegisterIndex = INDEX) -> list[Debt]:
    """Everything owed up to that moment."""
    return debts(REPORTING, demands, index, datetime(2020, 1, 1, tzinfo=UTC), until)


class Machine:
    """Folds the facts that each input brings, as the store does, and keeps them all."""

    def __init__(self, index: RegisterIndex = INDEX) -> None:
        self.index = index
        self.held: dict[UUID, Standing] = {}
        self.facts: list[Event[Any]] = []

    def opened(self, *demands: Demand, until: datetime = NOON) -> "Machine":
        """What the demands make owed."""
        for debt in found(*demands, until=until, index=self.index):
            if debt.obligation not in self.held:
                self._take([owed(debt, self.index)])
        return self

    def report(self, event: Event[ReportAccepted]) -> list[Event[Any]]:
        """What one report brings."""
        agency = reporter(event.data).agency
        standings = [one for one in self.held.values() if one.owed.agency == agency]
        return self._take(list(filed(Filing(event, REPORTING, self.index), standings)))

    def passed(self, obligation: UUID, at: datetime) -> list[Event[Any]]:
        """What the passing of time brings."""
        return self._take(list(overdue(self.held[obligation], at, REPORTING, self.index)))

    def only(self, agency: str, calendar: str = "daily-commune") -> Standing:
        """The one report of that calendar that the agency owes."""
        (one,) = (s for s in self.held.values() if (s.owed.agency, s.owed.calendar) == (agency, calendar))
        return one

    def _take(self, events: list[Event[Any]]) -> list[Event[Any]]:
        for event in events:
            self.facts.append(event)
            if hasattr(event.data, "owing") and not hasattr(event.data, "paper"):
                standing = after(self.held.get(event.data.obligation), event.data)
                assert standing is not None
                self.held[event.data.obligation] = standing
        return events


WINDOW: Final = (DUE - timedelta(hours=25), DUE - timedelta(hours=1))
"""The day that the report due at `DUE` is about."""
