"""Hypothesis strategies for valid reports, as units send them; every service may test against them."""

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import strategies as st

from contracts.attachments import MOST_BYTES, Attachment, MediaType
from contracts.codes import (
    Certainty,
    Channel,
    CountOf,
    Handling,
    MsgType,
    Severity,
    Status,
    Unit,
    Urgency,
    UrgencyMark,
)
from contracts.markings import is_marked
from contracts.places import AdminArea, Circle, Described, Place, Point, Polygon
from contracts.reports import (
    Count,
    FiveWs,
    IncidentReport,
    Methane,
    OralNotice,
    ReportingWindow,
    Scales,
    SituationReport,
)
from contracts.taxonomy import Category

ROUTED_STATUSES = (Status.ACTUAL, Status.EXERCISE, Status.TEST)
FILED_TYPES = (MsgType.ALERT, MsgType.UPDATE, MsgType.CANCEL)

_ZONES = st.sampled_from((UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-5, minutes=-30))))
_CHARACTERS = st.one_of(
    st.sampled_from("Lũ quét, sạt lở đất ở xã Quảng Tân; 3 người mất tích. Đường ĐT.601 bị chia cắt"),
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co")),
)


def _texts(longest: int) -> st.SearchStrategy[str]:
    drawn = st.text(_CHARACTERS, min_size=1, max_size=longest)
    settled = drawn.map(lambda text: unicodedata.normalize("NFC", text).strip())
    # Constants of the code under test are drawn too, and a secrecy marking among them is rightly refused.
    return settled.filter(lambda text: 0 < len(text) <= longest and not is_marked(text))


lines = _texts(60)
paragraphs = st.lists(_texts(40), min_size=1, max_size=4).map("\n".join).filter(lambda text: not is_marked(text))
tokens = st.from_regex(r"[a-z0-9][a-z0-9-]{0,15}", fullmatch=True)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=_ZONES)  # noqa: DTZ001 - zones are drawn
report_ids = st.uuids(version=4).map(lambda drawn: UUID(int=drawn.int & ~(0xF << 76) | 7 << 76))

latitudes = st.floats(-90, 90).map(lambda degrees: round(degrees, 6) + 0.0)
longitudes = st.floats(-180, 180).map(lambda degrees: round(degrees, 6) + 0.0)
positions = st.tuples(latitudes, longitudes)
polygons = st.lists(positions, min_size=3, max_size=8).map(lambda ring: Polygon(ring=(*ring, ring[0])))
places: st.SearchStrategy[Place] = st.one_of(
    st.builds(AdminArea, code=tokens, valid_on=st.dates(date(2020, 1, 1), date(2035, 1, 1)), name=st.none() | lines),
    st.builds(Point, lat=latitudes, lon=longitudes, accuracy_m=st.none() | st.floats(0, 100_000)),
    st.builds(Circle, lat=latitudes, lon=longitudes, radius_km=st.floats(0, 500)),
    polygons,
    st.builds(Described, text=lines),
)
counts = st.builds(
    Count,
    of=st.sampled_from(CountOf),
    value=st.integers(0, 100_000).map(float),
    unit=st.sampled_from(Unit),
    source=lines,
    as_of=st.none() | instants,
)
scales = st.builds(
    Scales,
    disaster_risk=st.none() | st.integers(1, 5),
    civil_defence=st.none() | st.integers(1, 3),
    forest_fire_danger=st.none() | st.integers(1, 5),
    river_alert=st.none() | st.integers(1, 3),
)
methanes = st.builds(
    Methane,
    major_incident=st.none() | st.booleans(),
    exact_location=st.none() | lines,
    hazards=st.none() | paragraphs,
    access=st.none() | paragraphs,
    services_present=st.lists(lines, max_size=2).map(tuple),
    services_required=st.lists(lines, max_size=2).map(tuple),
)
attachments = st.builds(
    Attachment,
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    media_type=st.sampled_from(MediaType),
    size=st.integers(1, MOST_BYTES),
    caption=st.none() | lines,
)
several_attachments = st.lists(attachments, min_size=1, max_size=3, unique_by=lambda one: one.sha256).map(tuple)
orals = st.builds(OralNotice, at=instants, channel=st.sampled_from(Channel), to=lines)
windows = st.builds(
    lambda since, length: ReportingWindow(since=since, until=since + length),
    instants,
    st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
)


@st.composite
def incident_reports(draw: st.DrawFn, statuses: tuple[Status, ...] = ROUTED_STATUSES) -> IncidentReport:
    """An observation of one incident; `statuses` narrows what it is filed as."""
    msg_type = draw(st.sampled_from(FILED_TYPES))
    return IncidentReport(
        report=draw(report_ids),
        status=draw(st.sampled_from(statuses)),
        msg_type=msg_type,
        sent=draw(instants),
        observed_at=draw(instants),
        handling=draw(st.sampled_from(Handling)),
        urgency_mark=draw(st.sampled_from(UrgencyMark)),
        references=tuple(draw(st.lists(report_ids, min_size=int(msg_type is not MsgType.ALERT), max_size=3))),
        incident=draw(st.none() | report_ids),
        places=tuple(draw(st.lists(places, max_size=3))),
        counts=tuple(draw(st.lists(counts, max_size=3))),
        attachments=draw(st.none() | several_attachments),
        category=draw(st.sampled_from(Category)),
        headline=draw(lines),
        description=draw(st.none() | paragraphs),
        urgency=draw(st.sampled_from(Urgency)),
        severity=draw(st.sampled_from(Severity)),
        certainty=draw(st.sampled_from(Certainty)),
        scales=draw(scales),
        methane=draw(st.none() | methanes),
        measures_taken=draw(st.none() | paragraphs),
        requests=tuple(draw(st.lists(lines, max_size=2))),
        forecast=draw(st.none() | paragraphs),
        oral=draw(st.none() | orals),
        position_unknown=draw(st.booleans()),
    )


@st.composite
def situation_reports(draw: st.DrawFn, statuses: tuple[Status, ...] = ROUTED_STATUSES) -> SituationReport:
    """A report on a period or on an incident, now and then one that says nothing happened."""
    nil = draw(st.booleans())
    incident = draw(st.none() | report_ids)
    return SituationReport(
        report=draw(report_ids),
        status=draw(st.sampled_from(statuses)),
        sent=draw(instants),
        observed_at=draw(instants),
        incident=incident,
        places=tuple(draw(st.lists(places, max_size=3))),
        counts=() if nil else tuple(draw(st.lists(counts, max_size=3))),
        kind=draw(st.sampled_from(("field_observation", "situation_information", "management_reporting_summary"))),
        headline=draw(lines),
        window=draw(windows) if incident is None else draw(st.none() | windows),
        nil=nil,
        narrative=draw(st.builds(FiveWs, who=st.none() | paragraphs, where=st.none() | lines)),
        measures_taken=draw(st.none() | paragraphs),
        requests=tuple(draw(st.lists(lines, max_size=2))),
        next_report_at=draw(st.none() | instants),
    )


def reports(statuses: tuple[Status, ...] = ROUTED_STATUSES) -> st.SearchStrategy[IncidentReport | SituationReport]:
    """Any valid report."""
    return st.one_of(incident_reports(statuses), situation_reports(statuses))
