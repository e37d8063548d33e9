"""Commands speak in one JSON document or in text for people, never in both, and their errors go to stderr."""

import json
from datetime import UTC, datetime

import pytest
import typer
from rich.console import Console

from services.runtime.terminal import Exit, Language, emit, fail, local_date_time, local_time


def test_json_is_exactly_one_document_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads us must be able to parse all of standard output."""
    emit({"tên": "Huế\n\x1b[31m", "at": datetime(2026, 1, 1, tzinfo=UTC)}, as_json=True, render=_never)

    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert said.err == ""
    assert json.loads(said.out) == {"tên": "Huế\n\x1b[31m", "at": "2026-01-01 00:00:00+00:00"}
    assert "Huế" in said.out


def test_people_get_text_and_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"a": 1}, as_json=False, render=lambda console: console.print("một dòng"))

    assert capsys.readouterr().out == "một dòng\n"


def test_no_colour_where_none_is_wanted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    emit({}, as_json=False, render=lambda console: console.print("[red]đỏ[/]"))

    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("code", Exit)
def test_a_failure_says_what_why_and_what_to_type_on_stderr(capsys: pytest.CaptureFixture[str], code: Exit) -> None:
    with pytest.raises(typer.Exit) as ended:
        fail(code, "[what]", "why [/]", "phoihop up [--home]")

    said = capsys.readouterr()
    assert ended.value.exit_code == code
    assert said.out == ""
    assert said.err == "✗ [what]\n  why [/]\n  → phoihop up [--home]\n"


def test_exit_codes_are_those_promised() -> None:
    assert [code.value for code in Exit] == [0, 1, 2, 3]


def test_a_text_is_picked_by_language() -> None:
    assert (Language.VI.pick("một", "one"), Language.EN.pick("một", "one")) == ("một", "one")


def test_times_are_shown_as_in_viet_nam_whatever_they_are_stored_in() -> None:
    moment = datetime(2026, 11, 21, 22, 30, 5, tzinfo=UTC)

    assert (local_time(moment), local_date_time(moment)) == ("05:30:05", "22/11/2026 05:30:05")


def _never(_: Console) -> None:
    raise AssertionError("people's text was drawn beside the document")
