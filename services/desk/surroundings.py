"""What desks are called and where communes lie, for pages only: without it codes are shown and no map is drawn."""

import asyncio
from dataclasses import dataclass, field
from datetime import date

from contracts.register import Register
from contracts.subjects import Origin
from services.desk.settings import DeskSettings
from services.runtime.documents import DocumentError
from services.runtime.logs import logger
from services.runtime.register.boundaries import Boundaries, load_boundaries
from services.runtime.register.loading import load_register

Names = dict[tuple[str, str], tuple[str, str]]


@dataclass(slots=True)
class Surroundings:
    """Empty until it is loaded; a folder that is not there, or is broken, keeps nobody from duty."""

    settings: DeskSettings
    boundaries: Boundaries | None = None
    _desks: Names = field(default_factory=dict)

    async def load(self) -> None:
        """Reads the register and the boundaries, each if it can be read."""
        try:
            register = await asyncio.to_thread(load_register, self.settings.reference / "register.yaml")
            self._desks = _named(register)
            if self.settings.boundaries is not None:
                self.boundaries = await asyncio.to_thread(load_boundaries, self.settings.boundaries, register)
        except DocumentError as error:
            logger().error("desk_surroundings_unread", reason=str(error))

    def desk(self, origin: Origin, language: int) -> str:
        """Agency and desk in the register's newest words; their codes where it does not know them."""
        return self._desks.get((origin.agency, origin.point), ("/".join(origin),) * 2)[language]


def _named(register: Register) -> Names:
    """Later ones last: of an agency that was renamed the newest name counts."""
    agencies = sorted(register.agencies, key=lambda agency: agency.valid_to or date.max)
    return {
        (agency.code, desk.code): (f"{agency.name_vi} · {desk.name_vi}", f"{agency.name_en} · {desk.name_en}")
        for agency in agencies
        for desk in agency.desks
    }
