"""Works out which agencies of templates came before which, from what their units were made of. It dates nothing."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from services.runtime.register.admin_units import AdminUnit
from services.runtime.register.atlas import Atlas
from services.runtime.register.document import Per, Template


class Lineage:
    """The agencies that templates make, by type and unit; complete before anybody is asked who came before."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._made: dict[tuple[str, str, date], UUID] = {}

    def add(self, template: Template, unit: AdminUnit, id_: UUID) -> None:
        """Notes an agency; one that lives on after its district is followed by nobody."""
        if template.per is not Per.FORMER_DISTRICT:
            self._made[template.type, unit.code, unit.valid_from] = id_

    def of_unit(self, template: Template, unit: AdminUnit) -> tuple[UUID, ...]:
        """The agencies of the same type of the units this one was made of, and those of their districts if asked."""
        before = (unit,) if template.per is Per.FORMER_DISTRICT else self._atlas.before(unit)
        followed = [(template.type, one) for one in before]
        if template.follows_district is not None:
            districts = dict.fromkeys(self._atlas.district(one) for one in before)
            followed += [(template.follows_district, one) for one in districts if one is not None]
        return self._ids(followed)

    def of_districts(self, agency_type: str, codes: Iterable[str], day: date) -> tuple[UUID, ...]:
        """The agencies of a type of the districts that had these codes on a day."""
        districts = (self._atlas.on(code, day) for code in codes)
        return self._ids((agency_type, one) for one in districts if one is not None)

    def _ids(self, followed: Iterable[tuple[str, AdminUnit]]) -> tuple[UUID, ...]:
        """The agencies of these types for these units, as far as templates make them."""
        ids = (self._made.get((agency_type, unit.code, unit.valid_from)) for agency_type, unit in followed)
        return tuple(one for one in ids if one is not None)
