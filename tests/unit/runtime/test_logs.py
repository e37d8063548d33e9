"""Every log record is one line with one action, whatever an attacker puts into a field."""

import json
from datetime import datetime

import pytest
import structlog

from services.runtime.logs import Format, configure, logger

HOSTILE = 'x\r\n{"action":"forged","level":"critical"}\x1b[2J\x1b[31m\x00\u2028\u202e'


@pytest.fixture(autouse=True)
def _fresh_logging() -> object:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _records(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.split("\n") if line]


def test_a_record_has_one_action_a_level_a_time_in_utc_and_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    configure("intake")

    logger().info("batch_recorded", size=3)

    (record,) = _records(capsys.readouterr().err)
    assert record.keys() == {"action", "level", "at", "service", "size"}
    assert (record["action"], record["level"], record["service"]) == ("batch_recorded", "info", "intake")
    assert datetime.fromisoformat(str(record["at"])).utcoffset() is not None
    assert str(record["at"]).endswith("Z")


def test_standard_output_stays_free_for_documents(capsys: pytest.CaptureFixture[str]) -> None:
    configure("intake")

    logger().error("something")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("where", ["value", "action"])
def test_untrusted_text_cannot_start_a_record_of_its_own(capsys: pytest.CaptureFixture[str], where: str) -> None:
    """Breaks with any renderer that writes text as it is: a forged line would accuse somebody."""
    configure("intake")

    logger().warning(HOSTILE if where == "action" else "refused", field=HOSTILE)

    said = capsys.readouterr().err
    (record,) = _records(said)
    assert record["field"] == HOSTILE
    assert not set(said) & set("\r\x1b\x00")


def test_untrusted_text_cannot_start_a_line_on_a_console(capsys: pytest.CaptureFixture[str]) -> None:
    configure("intake", "console")

    logger().warning("refused", field=HOSTILE)

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert not set(said) & set("\r\x1b\x00")


@pytest.mark.parametrize("reserved", ["action", "level", "at"])
def test_a_field_cannot_take_the_place_of_a_reserved_key(capsys: pytest.CaptureFixture[str], reserved: str) -> None:
    configure("intake")

    logger().info("refused", **{reserved: "forged"})

    (record,) = _records(capsys.readouterr().err)
    assert record[reserved] != "forged"


def test_vietnamese_stays_readable(capsys: pytest.CaptureFixture[str]) -> None:
    configure("intake")

    logger().info("noted", place="xã Quảng Tân")

    assert "xã Quảng Tân" in capsys.readouterr().err


def test_an_exception_is_part_of_its_record_and_no_lines_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    configure("intake")
    try:
        int(HOSTILE)
    except ValueError as error:
        logger().error("failed", exc_info=error)

    (record,) = _records(capsys.readouterr().err)
    assert record["exception"]


def test_what_has_no_json_form_is_written_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """A log call must never be what fails."""
    configure("intake")

    logger().info("noted", thing=object(), raw=b"\xff", inner={1: {2}})

    assert len(_records(capsys.readouterr().err)) == 1


@pytest.mark.parametrize("form", ["json", "console"])
def test_levels_below_the_one_asked_for_are_left_out(capsys: pytest.CaptureFixture[str], form: Format) -> None:
    configure("intake", form, "warning")

    logger().info("quiet")
    logger().warning("loud")

    assert "quiet" not in (said := capsys.readouterr().err)
    assert "loud" in said
