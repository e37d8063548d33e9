"""What the forms of the auditors' pages ask for, and what the chart draws."""

from datetime import UTC, datetime, timedelta

from contracts.codes import Space
from contracts.subjects import Origin
from services.audit.reports.exercises import Line, Rung, Times
from services.audit.web.asking import Asked
from services.audit.web.charts import MOST_BARS, WIDTH, times_to_acknowledge
from services.audit.web.names import Names
from services.runtime.terminal import Language


def test_days_are_those_of_viet_nam_and_the_last_one_counts() -> None:
    asked = Asked({"since": "2026-11-22", "until": "2026-11-22"})
    assert asked.moment("since") == datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert asked.until("until") == datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert asked.wrong == set()


def test_what_cannot_be_read_is_named_and_asks_for_nothing() -> None:
    asked = Asked(
        {"since": "soon", "until": "0001", "space": "all", "category": "X", "desk": "a", "incident": "1", "before": "²"}
        | {"month": "11/2026"}
    )
    found = (
        asked.moment("since"),
        asked.until("until"),
        asked.category("category"),
        asked.desk("desk"),
        asked.incident("incident"),
        asked.number("before"),
        asked.month("month"),
    )
    assert found == (None,) * 7
    assert asked.space("space") is Space.ACTUAL
    assert asked.wrong == {"since", "until", "space", "category", "desk", "incident", "month"}


def test_the_end_of_time_is_a_day_like_none() -> None:
    asked = Asked({"until": "9999-12-31"})
    assert asked.until("until") is None
    assert asked.wrong == {"until"}


def test_what_is_left_empty_is_no_question() -> None:
    asked = Asked({"desk": " ca-hue/truc ", "agency": "  "})
    assert (asked.desk("desk"), asked.text("agency")) == (Origin("ca-hue", "truc"), None)
    assert asked.sought == {"desk": "ca-hue/truc"}


def agency(code: str, *seconds: int, missing: int = 0) -> Line:
    took = sorted(seconds)
    middle = timedelta(seconds=took[len(took) // 2]) if took else None
    worst = timedelta(seconds=took[-1]) if took else None
    nothing = Times(None, None, 0, 0)
    return Line(
        None, code, 1, {**dict.fromkeys(Rung, nothing), Rung.ACKNOWLEDGED: Times(middle, worst, len(took), missing)}
    )


def test_the_slowest_agency_comes_first_and_who_answered_nothing_before_it() -> None:
    chart = times_to_acknowledge(
        [agency("fast", 5), agency("slow", 500), agency("never", missing=2), agency("unasked")]
    )
    assert [bar.agency for bar in chart.bars] == ["never", "slow", "fast"]
    assert 0 < chart.bars[2].worst_at < chart.bars[1].worst_at <= WIDTH
    assert (chart.bars[0].median, chart.bars[0].missing, chart.bars[0].worst_at) == (None, 2, 0.0)
    assert all(0 <= tick.at <= WIDTH for tick in chart.ticks)


def test_no_agency_is_lost_where_the_chart_ends() -> None:
    chart = times_to_acknowledge([agency(f"a{n:03}", n + 1) for n in range(MOST_BARS + 5)])
    assert (len(chart.bars), len(chart.all), chart.left_out) == (MOST_BARS, MOST_BARS + 5, 5)
    assert times_to_acknowledge([]).bars == ()


def test_a_name_finds_its_code() -> None:
    names = Names({"ca-t-hue": ("Công an thành phố Huế", "Police of Huế"), "x": ("Xã X", "X")})
    assert names.alike(Language.VI, "công an") == ("ca-t-hue",)
    assert names.agency(Language.EN, "ca-t-hue") == "Police of Huế"
    assert names.agency(Language.VI, "unheard-of") == "unheard-of"
