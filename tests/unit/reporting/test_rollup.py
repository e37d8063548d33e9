"""Roll-up: per source the newest figure, conflicts shown, nothing added up, nothing that was taken back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import CountOf
from contracts.envelope import Event
from contracts.events import ReportAccepted
from contracts.register import Agency, Area, AreaKind, Register
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.files import load_reporting
from services.routing.reporting.regime.rollup import Asked, Figure, rollup
from services.runtime.register.loading import load_register
from tests.unit.reporting.reports import accepted

FOLDER = Path(__file__).parents[3] / "deploy" / "reference"
REPORTING = load_reporting(FOLDER)
NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)
ASKED = Asked("46", NOON - timedelta(days=7), NOON + timedelta(days=7))
POLICE, HEALTH, COMMITTEE = "ca-x-phong-dien", "yt-x-phong-dien", "ubnd-x-phong-dien"


@pytest.fixture(scope="module")
def register() -> RegisterIndex:
    """The reference register."""
    return RegisterIndex(load_register(FOLDER / "register.yaml"))


def dead(register: RegisterIndex, *reports: Event[ReportAccepted]) -> Figure:
    """The figure of the dead."""
    (figure,) = rollup(reports, ASKED, register, REPORTING.authorities)
    assert figure.of is CountOf.DEAD
    return figure


def test_the_same_dead_person_from_two_bodies_is_a_conflict_or_one_figure_never_a_sum(register: RegisterIndex) -> None:
    """Pitfall 23: police, health, border guard and committee report the same dead person."""
    agree = dead(register, accepted(COMMITTEE, 1), accepted(HEALTH, 1))
    differ = dead(register, accepted(COMMITTEE, 1), accepted(HEALTH, 2))

    assert (agree.conflict, agree.stands) == (False, 1)
    assert (differ.conflict, differ.stands) == (True, None)
    assert {one.newest.value for one in differ.sources} == {1, 2}


def test_the_body_with_authority_decides_but_the_conflict_still_shows(register: RegisterIndex) -> None:
    figure = dead(register, accepted(COMMITTEE, 5), accepted(POLICE, 3), accepted(HEALTH, 4))

    assert figure.authority is not None
    assert (figure.authority.agency, figure.stands, figure.conflict) == (POLICE, 3, True)


def test_overlapping_windows_of_one_source_are_not_added_and_said_to_overlap(register: RegisterIndex) -> None:
    first = accepted(COMMITTEE, 2, window=(NOON - timedelta(hours=14), NOON))
    later = accepted(COMMITTEE, 3, window=(NOON - timedelta(hours=7), NOON + timedelta(hours=7)), at=NOON)
    (source,) = dead(register, first, later).sources

    assert (source.newest.value, len(source.earlier), source.overlapping) == (3, 1, True)


def test_corrected_and_withdrawn_figures_do_not_count(register: RegisterIndex) -> None:
    wrong = accepted(COMMITTEE, 9)
    right = accepted(COMMITTEE, 1, msg_type="Update", references=[wrong.data.report.report])
    taken = accepted(HEALTH, 7)
    back = accepted(HEALTH, None, msg_type="Cancel", references=[taken.data.report.report])
    (source,) = dead(register, wrong, right, taken, back).sources

    assert (source.newest.value, source.earlier) == (1, ())


def test_nobody_takes_back_the_figure_of_another(register: RegisterIndex) -> None:
    theirs = accepted(HEALTH, 7)
    hostile = accepted(COMMITTEE, 1, msg_type="Update", references=[theirs.data.report.report])

    assert {one.newest.value for one in dead(register, theirs, hostile).sources} == {1, 7}


def test_a_logged_call_gives_way_to_the_units_own_report(register: RegisterIndex) -> None:
    unit = {"agency": COMMITTEE, "unit": "van-phong"}
    oral = {"at": NOON.isoformat(), "channel": "phone", "to": "trực ban"}
    entry = accepted("ubnd-t-hue", 4, on_behalf_of=unit, oral=oral)
    own = accepted(COMMITTEE, 2, references=[entry.data.report.report])

    assert [one.newest.value for one in dead(register, entry).sources] == [4]
    assert [one.newest.value for one in dead(register, entry, own).sources] == [2]


def test_other_areas_and_other_times_are_left_out(register: RegisterIndex) -> None:
    elsewhere = accepted("ubnd-x-xuan-luong", 1)
    long_ago = accepted(COMMITTEE, 1, at=NOON - timedelta(days=30))

    assert rollup((elsewhere, long_ago), ASKED, register, REPORTING.authorities) == ()


@given(
    st.lists(st.tuples(st.sampled_from([POLICE, HEALTH, COMMITTEE]), st.integers(0, 9), st.integers(0, 9)), min_size=1)
)
@settings(deadline=None, max_examples=60)
def test_order_of_arrival_changes_nothing_and_no_figure_is_one_nobody_gave(
    given_: list[tuple[str, int, int]],
) -> None:
    index = RegisterIndex(load_small())
    reports = [accepted(agency, value, at=NOON + timedelta(minutes=at)) for agency, value, at in given_]
    one = rollup(reports, ASKED, index, REPORTING.authorities)
    other = rollup(reports[::-1], ASKED, index, REPORTING.authorities)

    assert one == other
    assert all(figure.stands in {None, *(value for _, value, _ in given_)} for figure in one)


def load_small() -> Register:
    """A register of three bodies: the large one takes too long for many examples."""
    day = datetime(2025, 7, 1, tzinfo=UTC).date()
    types = {POLICE: "CA-X", HEALTH: "YT-X", COMMITTEE: "UBND-X"}
    agencies = tuple(
        Agency(
            id=uuid5(UUID(int=0), code),
            code=code,
            type=kind,
            name_vi=code,
            name_en=code,
            covers=("46",),
            valid_from=day,
        )
        for code, kind in types.items()
    )
    area = Area(code="46", kind=AreaKind.PROVINCE, name_vi="Huế", name_en="Huế", valid_from=day)
    return Register(version="t", as_of=day, label_vi="t", label_en="t", areas=(area,), agencies=agencies)
