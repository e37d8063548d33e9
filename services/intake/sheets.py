"""Draws sheets of the deployment's own map for phones; without a boundary file, or with a broken one, there is none."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from contracts.places import Point
from contracts.register import Register
from services.intake.gazetteer import Gazetteer
from services.intake.mapping import Pointing, Wanted, pointing
from services.runtime.documents import DocumentError
from services.runtime.logs import logger
from services.runtime.register.boundaries import Boundaries, load_boundaries
from services.runtime.terminal import Language


@dataclass(frozen=True, slots=True)
class Known:
    """What a phone knows of a place before somebody points at it."""

    area: str | None
    near: Point | None
    close: Point | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From an address: `area` is a code, `near` and `close` are LAT,LON. Raises `ValueError` for no position."""
        return cls(query.get("area"), _point(query.get("near")), _point(query.get("close")))


class Sheets:
    """Empty until it is loaded; a file that is not there, or is broken, keeps nobody from reporting."""

    def __init__(self, file: Path | None, register: Register) -> None:
        self._file = file
        self._register = register
        self._gazetteer = Gazetteer(register)
        self._boundaries: Boundaries | None = None

    @property
    def there(self) -> bool:
        """Whether there is a map to point at."""
        return self._boundaries is not None

    async def load(self) -> None:
        """Reads the boundaries where a file is named."""
        if self._file is None:
            return
        try:
            self._boundaries = await asyncio.to_thread(load_boundaries, self._file, self._register)
        except DocumentError as error:
            logger().error("field_map_unread", reason=str(error))

    async def drawn(self, known: Known, agency: str, day: date, language: Language) -> Pointing | None:
        """The sheet for what a unit's phone knows; None where there is no map."""
        if self._boundaries is None:
            return None
        return await asyncio.to_thread(self._draw, self._boundaries, known, agency, day, language)

    def _draw(
        self, boundaries: Boundaries, known: Known, agency: str, day: date, language: Language
    ) -> Pointing | None:
        chosen = self._gazetteer.communes(day, frozenset({known.area})) if known.area else {}
        own = self._gazetteer.communes(day, self._gazetteer.answered_for(agency, day))
        named = self._gazetteer.communes(day)
        names = {code: language.pick(area.name_vi, area.name_en) for code, area in named.items()}
        wanted = Wanted(known.close, frozenset(chosen), known.near, frozenset(own))
        return pointing(wanted, boundaries, names, day)


def _point(text: str | None) -> Point | None:
    if text is None:
        return None
    lat, lon = text.split(",")
    return Point(lat=float(lat), lon=float(lon))
