"""Random conditions, duties and working calendars: everything a rule can say, and nothing it cannot."""

from datetime import date, time, timedelta
from typing import Any, Final, get_args

from hypothesis import strategies as st

from contracts.codes import Role, Severity
from contracts.decisions import CitationStatus
from contracts.register import Tree
from contracts.taxonomy import Category
from services.routing.regulations.rules.agency_types import AgencyType
from services.routing.regulations.rules.duties import Consent, Course, Duty, Order, WorkingLimit
from services.routing.regulations.rules.targets import (
    AgencyTarget,
    AnyTarget,
    CommonTarget,
    Of,
    OneTarget,
    ReporterTarget,
    SuperiorTarget,
    Target,
    TypeTarget,
    asks_for,
)
from services.routing.regulations.rules.when import AreaRelation, CalendarCondition, Family, Lasting, LevelRange, When
from services.routing.regulations.rules.workdays import Holiday, Hours, WorkCalendar

TYPES: Final = st.lists(st.sampled_from(AgencyType), max_size=3).map(tuple)
LEVELS: Final = st.builds(
    lambda ends, unstated: LevelRange(min=min(ends), max=max(ends), unstated=unstated),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.booleans(),
)
OPEN_LEVELS: Final = LEVELS | st.one_of(
    st.builds(lambda level: LevelRange(min=level), st.integers(1, 5)),
    st.builds(lambda level, unstated: LevelRange(max=level, unstated=unstated), st.integers(1, 5), st.booleans()),
    st.just(LevelRange(unstated=True)),
)
TIMES: Final = st.integers(1, 30 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))
HOURS: Final = st.sampled_from([timedelta(hours=h) for h in (1, 6, 12, 13, 24)])
CALENDARS: Final = st.builds(
    lambda months, working: CalendarCondition(months=tuple(months), working_time=working),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.none() | st.booleans(),
) | st.builds(lambda working: CalendarCondition(working_time=working), st.booleans())


def lastings(times: st.SearchStrategy[timedelta]) -> st.SearchStrategy[Lasting]:
    """Conditions on how long it has lasted, at these bounds."""
    both = st.lists(times, min_size=2, max_size=2, unique=True).map(sorted)
    return st.one_of(
        times.map(lambda least: Lasting(at_least=least)),
        times.map(lambda most: Lasting(less_than=most)),
        both.map(lambda ends: Lasting(at_least=ends[0], less_than=ends[1])),
    )


def whens(categories: list[Any], times: st.SearchStrategy[timedelta] = TIMES) -> st.SearchStrategy[When]:
    """Conditions about these categories and families."""
    return st.builds(
        When,
        category=st.lists(st.sampled_from(categories), max_size=2).map(tuple),
        severity_at_least=st.none() | st.sampled_from([s for s in Severity if s is not Severity.UNKNOWN]),
        disaster_risk=st.none() | OPEN_LEVELS,
        civil_defence=st.none() | OPEN_LEVELS,
        forest_fire_danger=st.none() | OPEN_LEVELS,
        river_alert=st.none() | OPEN_LEVELS,
        area=st.lists(st.sampled_from(AreaRelation), max_size=3).map(tuple),
        casualties=st.none() | st.booleans(),
        present=TYPES,
        absent=TYPES,
        calendar=st.none() | CALENDARS,
        lasting=st.none() | lastings(times),
    )


ANY_WHEN: Final = whens([*Category, *get_args(Family)])
DESKS: Final = st.sampled_from([None, "112", "114", "truc-ban"])
ONE_TARGETS: Final[st.SearchStrategy[OneTarget]] = st.one_of(
    st.builds(TypeTarget, agency_type=st.sampled_from(AgencyType), of=st.sampled_from(Of), desk=DESKS),
    st.builds(
        SuperiorTarget, superior_of=st.sampled_from(["lead", "reporter"]), tree=st.sampled_from(Tree), desk=DESKS
    ),
    st.builds(CommonTarget, common_superior=st.just("communes"), tree=st.sampled_from(Tree), desk=DESKS),
    st.builds(ReporterTarget, reporter=st.just("agency"), desk=DESKS),
    st.builds(AgencyTarget, agency=st.sampled_from(["ptds-qg", "bca", "bqp", "a", "no-such-body"]), desk=DESKS),
)
BESIDE: Final[st.SearchStrategy[OneTarget]] = ONE_TARGETS | st.builds(
    SuperiorTarget, superior_of=st.just("holder"), tree=st.sampled_from(Tree), desk=DESKS
)
LIMITS: Final = st.one_of(
    TIMES,
    st.builds(lambda days: WorkingLimit(working_days=days), st.integers(1, 9)),
    st.builds(lambda hours: WorkingLimit(working_hours=hours), st.integers(1, 30)),
)
COURSES: Final = st.builds(Course, decide_within=LIMITS, first_report_within=LIMITS, follow_up_every=st.none() | TIMES)


@st.composite
def duties(draw: st.DrawFn) -> Duty:
    """A duty with everything its role allows."""
    role = draw(st.sampled_from(Role))
    one = draw(ONE_TARGETS.filter(lambda target: role is not Role.LEAD or not asks_for(target, "lead")))
    if role is Role.INFORM:
        return Duty(role=role, to=one)
    to: Target = one
    if role is not Role.LEAD and draw(st.booleans()):
        to = AnyTarget(any_one_of=(one, *draw(st.lists(ONE_TARGETS, max_size=2))))
    lasts = draw(st.integers(2, 48)) * timedelta(hours=1)
    orders = st.builds(Order, lasts=st.just(lasts), prompt=st.just(timedelta(minutes=90)), next=BESIDE)
    consents = st.builds(
        Consent, of=st.lists(BESIDE, min_size=1, max_size=3).map(tuple), written_within=st.none() | TIMES
    )
    only = role is Role.LEAD and draw(st.booleans())
    return Duty(
        role=role,
        to=to,
        acknowledge_within=draw(st.none() | LIMITS),
        first_report_within=None if only else draw(st.none() | TIMES),
        acknowledges_only=only,
        escalate=draw(st.none() | st.sampled_from(Tree)),
        order=draw(st.none() | orders),
        consent=draw(st.none() | consents),
    )


OFFICE: Final = WorkCalendar(
    source="ví dụ",
    status=CitationStatus.DESIGN_DEFAULT,
    hours=(Hours(start=time(7, 30), end=time(11, 30)), Hours(start=time(13), end=time(17))),
    holidays=(
        Holiday(first=date(2026, 2, 16), last=date(2026, 2, 20), name_vi="Tết", name_en="Lunar New Year"),
        Holiday(first=date(2026, 4, 27), name_vi="Giỗ Tổ", name_en="Hùng Kings"),
    ),
    worked_instead=(date(2026, 8, 22),),
)
"""Eight hours a day; the Lunar New Year and one more holiday of 2026, and one Saturday that is worked."""
