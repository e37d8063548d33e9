"""How times and numbers are written on pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jinja2 import Environment

from services.runtime.web import filters
from services.runtime.web.filters import countdown

MOMENT = datetime(2026, 11, 22, 17, 5, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def written(expression: str, language: str = "vi", **values: Any) -> str:
    environment = Environment(autoescape=True)
    filters.install(environment)
    return environment.from_string(f"{{{{ {expression} }}}}").render(lang=language, now=NOW, **values)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("at|time", "00:05:09"),
        ("at|minute", "00:05"),
        ("at|moment", "23/11/2026 00:05"),
        ("at|day", "23/11/2026"),
        ("at|iso", "2026-11-23T00:05:09.000+07:00"),
        ("at|ago", "55 phút trước"),
        ("90|duration", "90 giây"),
        ("1234567.5|number", "1.234.567,5"),
        ("0.71|percent", "71%"),
        ("5368709120|size", "5 GiB"),
        ("none|time", "–"),
        ("none|number", "–"),
    ],
)
def test_times_are_those_of_viet_nam_and_numbers_as_written_there(expression: str, expected: str) -> None:
    assert written(expression, at=MOMENT) == expected


def test_english_readers_get_english_numbers_and_the_same_clock() -> None:
    assert written("1234567.5|number", "en") == "1,234,567.5"
    assert written("at|ago", "en", at=MOMENT) == "55 minutes ago"
    assert written("at|minute", "en", at=MOMENT) == "00:05"


def test_a_countdown_says_when_it_is_over() -> None:
    assert countdown(125) == "2:05"
    assert countdown(timedelta(hours=1, seconds=1)) == "1:00:01"
    assert countdown(-61) == "\N{MINUS SIGN}1:01"
