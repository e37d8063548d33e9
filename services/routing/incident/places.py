"""Says on one line where a report is about. It looks nothing up."""

from typing import Final, assert_never

from contracts.places import AdminArea, Circle, Described, Place, Point, Polygon
from contracts.reports import IncidentReport, Report

POSITION_UNKNOWN: Final = "Chưa rõ vị trí / Position unknown"
_LINE: Final = 200


def place_line(report: Report) -> str:
    """Where the report says it is, on one line: words before names, names before figures."""
    words = [p.text for p in report.places if isinstance(p, Described)]
    if isinstance(report, IncidentReport) and report.methane and report.methane.exact_location:
        words.insert(0, report.methane.exact_location)
    named = [_in_words(p) for p in report.places if isinstance(p, AdminArea)]
    drawn = [_in_words(p) for p in report.places if isinstance(p, Point | Circle | Polygon)]
    line = "; ".join(dict.fromkeys(words + named + drawn)) or POSITION_UNKNOWN
    return line if len(line) <= _LINE else line[: _LINE - 1] + "…"


def _in_words(place: Place) -> str:
    match place:
        case AdminArea():
            return place.name or place.code
        case Described():
            return place.text
        case Point():
            return f"{place.lat:.5f}, {place.lon:.5f}"
        case Circle():
            return f"{place.lat:.5f}, {place.lon:.5f} (± {place.radius_km:g} km)"
        case Polygon():
            lat, lon = place.ring[0]
            return f"{len(place.ring) - 1} × ({lat:.5f}, {lon:.5f} …)"
    assert_never(place)
