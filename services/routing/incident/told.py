"""What desks are told of an incident in words and figures, out of its reports, the newest word first."""

from dataclasses import dataclass
from typing import Final, Self

from contracts.decisions import Discretion
from contracts.places import AdminArea, Circle, Described, Point, Polygon
from contracts.reports import Count, IncidentReport, Methane, Report
from contracts.scenes import Scene
from services.routing.incident.discretion import words_for_others

MOST_TEXT: Final = 8000
MOST_COUNTS: Final = 50
_METRES_PER_DEGREE: Final = 111_320.0
_WIDEST: Final = 100_000.0
"""Metres: whatever is wider is an area, no position."""
_NO_SCENE: Final = Scene()
_NOTHING_SAID: Final = Methane()


@dataclass(frozen=True, slots=True)
class Told:
    """Text, figures with their sources, and the scene."""

    text: str | None = None
    counts: tuple[Count, ...] = ()
    scene: Scene | None = None

    def after(self, newer: Self) -> "Told":
        """With a newer report: its words before the earlier ones, its figures for those of the same source."""
        if newer in (self, NOTHING):
            return self
        if self == NOTHING:
            return newer
        return Told(_joined(newer.text, self.text), _counted(newer.counts, self.counts), _seen(newer.scene, self.scene))

    def for_others(self, rule: Discretion) -> "Told":
        """The same for a desk from which the exact position is kept: figures, and the area or a rounded position."""
        at, scene = self.scene.position if self.scene else None, self.scene or _NO_SCENE
        about = Point(lat=round(at.lat, 1), lon=round(at.lon, 1)) if at and rule.others_see == "rounded" else None
        counts = tuple(one.model_copy(update={"source": words_for_others(one.source, rule)}) for one in self.counts)
        return Told(None, counts, _said(Scene(position=about, areas=scene.areas if rule.place else None)))


NOTHING: Final = Told()


def told_of(report: Report) -> Told:
    """What one report has to say beside its headline."""
    if not isinstance(report, IncidentReport):
        scene = Scene(position=_position(report), areas=_areas(report))
        return Told(report.narrative.what, report.counts, _said(scene))
    said = report.methane or _NOTHING_SAID
    scene = Scene(
        exact_location=said.exact_location or _described(report),
        hazards=said.hazards,
        access=said.access,
        services_present=said.services_present or None,
        services_required=said.services_required or None,
        measures_taken=report.measures_taken,
        requests=report.requests or None,
        forecast=report.forecast,
        position=_position(report),
        areas=_areas(report),
    )
    return Told(report.description, report.counts, _said(scene))


def _said(scene: Scene) -> Scene | None:
    return None if scene == _NO_SCENE else scene


def _described(report: Report) -> str | None:
    return next((place.text for place in report.places if isinstance(place, Described)), None)


def _areas(report: Report) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(place.code for place in report.places if isinstance(place, AdminArea))) or None


def _position(report: Report) -> Point | None:
    """The first position there is; of something drawn the middle, and how far it reaches."""
    found = (_middle(place) for place in report.places if isinstance(place, Point | Circle | Polygon))
    return next((point for point in found if point is not None), None)


def _middle(place: Point | Circle | Polygon) -> Point | None:
    match place:
        case Point():
            return place
        case Circle():
            lat, lon, reach = place.lat, place.lon, place.radius_km * 1000
        case Polygon():
            lats, lons = zip(*place.ring, strict=True)
            lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
            reach = max(max(lats) - lat, max(lons) - lon) * _METRES_PER_DEGREE
    return Point(lat=lat, lon=lon, accuracy_m=reach) if reach <= _WIDEST else None


def _joined(newer: str | None, earlier: str | None) -> str | None:
    if newer is None or earlier is None:
        return newer or earlier
    if newer in earlier:
        return earlier
    return f"{newer}\n\n{earlier}"[:MOST_TEXT]


def _counted(newer: tuple[Count, ...], earlier: tuple[Count, ...]) -> tuple[Count, ...]:
    named = {(count.of, count.source) for count in newer}
    return (*newer, *(count for count in earlier if (count.of, count.source) not in named))[:MOST_COUNTS]


def _seen(newer: Scene | None, earlier: Scene | None) -> Scene | None:
    """Line by line what was said last."""
    if newer is None or earlier is None or newer == earlier:
        return newer or earlier
    return earlier.model_copy(update={name: value for name, value in newer if value is not None})
