"""The register on a day: what lies where, who covers it, who is above whom."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from contracts.decisions import Addressee
from contracts.register import AreaKind, Relation, Tree
from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.posts import Nobody, Post
from services.routing.regulations.engine.resolve import RegisterDay, RegisterIndex, day_of

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def today(reference: Reference) -> RegisterDay:
    return reference.register.on(TODAY)


def test_the_day_is_counted_in_viet_nam() -> None:
    """At 17:00 UTC a new day has begun there, and with it perhaps a new law."""
    assert day_of(datetime(2025, 6, 30, 16, 59, tzinfo=UTC)) == date(2025, 6, 30)
    assert day_of(datetime(2025, 6, 30, 17, 0, tzinfo=UTC)) == date(2025, 7, 1)
    assert day_of(datetime(2025, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=7)))) == date(2025, 7, 1)


def test_a_clock_at_the_edge_of_the_calendar_stops_nothing() -> None:
    """A report with a broken clock is still a report; an overflow here would park it."""
    assert day_of(datetime.max.replace(tzinfo=UTC)) == date.max
    assert day_of(datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))) == date.min


def test_the_same_code_is_another_place_before_the_reform(reference: Reference) -> None:
    before, after = (reference.register.on(day).areas["07246"] for day in (date(2025, 6, 30), date(2025, 7, 1)))
    assert (before.name_vi, after.name_vi) == ("xã Canh Nậu", "xã Xuân Lương")
    assert "07249" not in reference.register.on(TODAY).areas


def test_days_between_two_changes_share_one_answer(reference: Reference) -> None:
    assert reference.register.on(date(2026, 6, 1)) is reference.register.on(TODAY)


def test_a_border_belt_lies_in_several_communes(today: RegisterDay) -> None:
    assert today.of_kind(["hue-vanh-dai-a-luoi"], AreaKind.COMMUNE) == ("20056", "20101")
    assert today.of_kind(["hue-vanh-dai-a-luoi"], AreaKind.PROVINCE) == ("46",)
    assert today.surroundings("hue-cang-chan-may") == ("hue-cang-chan-may", "20137", "46", "vn")
    assert today.surroundings("khong-co-that") == ()


def test_a_ranger_station_covers_parts_of_several_communes(today: RegisterDay) -> None:
    assert today.covering("KL-H", "07246") == today.covering("KL-H", "07264") == ("kl-h-yen-the",)
    assert today.covers_all("kl-h-yen-the", ["07246", "07264"])
    assert not today.covers_all("ubnd-x-tam-tien", ["07246", "07264"])
    assert today.covers_all("ubnd-t-bac-ninh", ["07246", "07264"])


@pytest.mark.parametrize(
    ("tree", "line"),
    [
        (Tree.BORDER_GUARD, ("bp-t-hue", "bp-tw", "bqp")),
        (Tree.POLICE, ()),
    ],
)
def test_each_tree_has_its_own_line_of_command(tree: Tree, line: tuple[str, ...], today: RegisterDay) -> None:
    assert today.line_of_command("bp-d-nham", tree) == line


def test_the_provincial_border_command_has_two_superiors(today: RegisterDay) -> None:
    """A register with one parent per body would lose one of them (pitfall 5)."""
    assert today.superiors("bp-t-hue", Tree.BORDER_GUARD) == ("bp-tw",)
    assert today.superiors("bp-t-hue", Tree.MILITARY) == ("qs-t-hue",)


def test_the_area_command_is_a_hop_only_where_the_register_says_so(today: RegisterDay) -> None:
    assert today.line_of_command("qs-x-a-luoi-1", Tree.MILITARY) == ("ptkv-2-a-luoi", "qs-t-hue", "qk4", "bqp")
    assert today.line_of_command("qs-x-cu-jut", Tree.MILITARY) == ("qs-t-lam-dong", "qk7", "bqp")


def test_a_chain_names_desks(today: RegisterDay) -> None:
    assert today.posts.chain("ca-x-cu-jut", Tree.POLICE) == (
        Addressee(agency="ca-t-lam-dong", desk="truc-ban"),
        Addressee(agency="bca", desk="truc-ban"),
    )


def test_who_cannot_be_reached_has_a_named_reason(today: RegisterDay) -> None:
    assert today.desk("qs-t-hue", "112") == Addressee(agency="qs-t-hue", desk="112")
    assert today.desk("qs-t-hue", "999") == Nobody("agency qs-t-hue has no desk 999")
    assert today.desk("khong-co-that", None) == Nobody("agency khong-co-that is not in the register on that day")


def test_the_112_desk_exists_since_the_decisions_of_september(reference: Reference) -> None:
    assert isinstance(reference.register.on(date(2025, 9, 14)).desk("qs-t-hue", "112"), Nobody)
    assert isinstance(reference.register.on(date(2025, 9, 15)).desk("qs-t-hue", "112"), Addressee)


def test_levels_rank_by_the_largest_area_covered(today: RegisterDay) -> None:
    ranks = [today.rank(code) for code in ("ubnd-x-cu-jut", "ubnd-t-lam-dong", "ptds-qg", "bp-d-dak-wil")]
    assert ranks == [1, 3, 4, 1]


def test_two_agencies_above_each_other_are_each_asked_once(reference: Reference) -> None:
    """What agencies below one superior share must not ask an agency about its own silence, nor run in a circle."""
    register, top = reference.register.register, Addressee(agency="bqp", desk="truc-ban")
    turned = (Relation(tree=Tree.MILITARY, superior="qs-t-hue"),)
    agencies = tuple(a.model_copy(update={"relations": turned}) if a.code == "qk4" else a for a in register.agencies)
    day = RegisterIndex(register.model_copy(update={"agencies": agencies})).on(TODAY)
    ways: dict[str, list[str]] = {}
    for code in ("ptkv-2-a-luoi", "qs-t-hue", "qk4"):
        post = day.posts.post(code, None)
        assert isinstance(post, Post)
        way = day.posts.way(post, Tree.MILITARY, top)
        assert way[: len(post.deputies)] == post.deputies
        ways[code] = [desk.agency for desk in way[len(post.deputies) :]]
    assert ways == {
        "ptkv-2-a-luoi": ["qs-t-hue", "qk4", "bqp"],
        "qs-t-hue": ["qk4", "bqp"],
        "qk4": ["qs-t-hue", "bqp"],
    }
