"""`phoihop report` on real servers: outcomes, exit codes, its JSON, and files that are no reports at all."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.identifiers import new_id
from contracts.streams import MAX_BODY
from tests.conformance.real_data import REAL_DATA, needs_real_data
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.http.requests_of_units import UNIT, report

ERROR_KEYS = {"code", "field", "message", "fix", "detail"}


def _codes(document: dict[str, Any]) -> list[str]:
    return [error["code"] for error in document["errors"]]


def test_a_report_is_accepted_and_sending_it_again_is_a_duplicate(phoihop: Phoihop, tmp_path: Path) -> None:
    body = report()
    file = written(tmp_path, body)

    first = phoihop("report", file, "--as", UNIT, "--json")
    again = phoihop("report", file, "--as", UNIT, "--json")

    expected = {"file": str(file), "report": body["report"], "errors": []}
    assert (first.code, first.document) == (0, [expected | {"outcome": "accepted"}])
    assert (again.code, again.document) == (0, [expected | {"outcome": "duplicate"}])


def test_each_file_has_its_own_outcome_and_a_refused_one_holds_up_no_other(phoihop: Phoihop, tmp_path: Path) -> None:
    """Exit code 2 says that something was refused; the JSON says what, where and how to put it right."""
    good, bad, last = (written(tmp_path, body) for body in (report(), report(category="X"), report()))

    ran = phoihop("report", good, bad, last, "--as", UNIT, "--json", "--lang", "en")

    assert ran.code == 2
    assert [one["outcome"] for one in ran.document] == ["accepted", "rejected", "accepted"]
    (error,) = ran.document[1]["errors"]
    assert error.keys() == ERROR_KEYS
    assert (error["code"], error["field"]) == ("category.unknown", "category")
    assert error["fix"] == "Choose one of the 45 categories."


def test_other_content_under_a_used_id_is_rejected_as_a_conflict(phoihop: Phoihop, tmp_path: Path) -> None:
    body = report()
    phoihop("report", written(tmp_path, body), "--as", UNIT)

    ran = phoihop("report", written(tmp_path, body | {"headline": "Khác"}), "--as", UNIT, "--json")

    assert ran.code == 2
    assert (ran.document[0]["outcome"], _codes(ran.document[0])) == ("rejected", ["id.conflict"])


def test_a_report_comes_from_standard_input(phoihop: Phoihop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = written(tmp_path, report()).read_bytes()
    monkeypatch.setattr(
        "services.intake.submitting.sys", SimpleNamespace(stdin=SimpleNamespace(buffer=io.BytesIO(content)))
    )

    ran = phoihop("report", "-", "--as", UNIT, "--json")

    assert (ran.code, ran.document[0]["file"], ran.document[0]["outcome"]) == (0, "-", "accepted")


def test_people_read_what_happened_in_vietnamese(phoihop: Phoihop, tmp_path: Path) -> None:
    ran = phoihop("report", written(tmp_path, report()), written(tmp_path, report(severity="!")), "--as", UNIT)

    assert "✓ đã ghi nhận" in ran.out
    assert "✗ từ chối" in ran.out
    assert "field.invalid  severity" in ran.out


def test_a_unit_that_is_not_registered_is_refused(phoihop: Phoihop, tmp_path: Path) -> None:
    ran = phoihop("report", written(tmp_path, report()), "--as", "nobody/nowhere", "--json")

    assert (ran.code, _codes(ran.document[0])) == (2, ["sender.unknown"])


def test_a_file_too_large_for_the_bus_is_refused_before_it_is_sent(phoihop: Phoihop, tmp_path: Path) -> None:
    """The server would not take it, so nobody could ever answer."""
    large = written(tmp_path, report(description="x" * MAX_BODY))
    small = written(tmp_path, report())

    ran = phoihop("report", large, small, "--as", UNIT, "--json")

    assert ran.code == 2
    assert [(one["outcome"], _codes(one)) for one in ran.document] == [
        ("rejected", ["payload.too_large"]),
        ("accepted", []),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "payload.empty"), (b"\x00\x01\x02", "format.unknown"), (b"{", "json.malformed"), (b"<a>", "xml.malformed")],
)
def test_what_is_no_report_is_refused_with_a_code(phoihop: Phoihop, tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(content)

    ran = phoihop("report", file, "--as", UNIT, "--json")

    assert (ran.code, _codes(ran.document[0])) == (2, [code])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["FILE"], "--as AGENCY/UNIT"),
        (["FILE", "--as", "no-slash"], "--as AGENCY/UNIT"),
        (["FILE", "--as", "A/b"], "--as AGENCY/UNIT"),
        (["FILE", "--as", "a.b/*"], "--as AGENCY/UNIT"),
        ([], "There is nothing to send."),
        (["--flush"], "There is nothing to send."),
        (["MISSING", "--as", UNIT], "A file cannot be read."),
        (["FILE", "--as", UNIT, "--outbox", "FOLDER"], "The outbox cannot be used."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_is_said_on_stderr_and_prints_no_document(
    offline: Phoihop, tmp_path: Path, arguments: list[str], said: str
) -> None:
    places = {"FILE": written(tmp_path, report()), "MISSING": tmp_path / "missing", "FOLDER": tmp_path}

    ran = offline("report", *(places.get(argument, argument) for argument in arguments), "--json", "--lang", "en")

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_without_a_server_and_without_an_outbox_the_report_was_not_sent(offline: Phoihop, tmp_path: Path) -> None:
    ran = offline("report", written(tmp_path, report()), "--as", UNIT, "--json")

    assert (ran.code, ran.document[0]["outcome"]) == (3, "unreachable")


@needs_real_data
def test_every_published_alert_is_accepted_or_refused_with_a_code(phoihop: Phoihop) -> None:
    """Real files of other people: none crashes anything, none holds up another, every refusal says why."""
    files = sorted((REAL_DATA / "cap").iterdir())

    ran = phoihop("report", *files, "--as", UNIT, "--json", "--lang", "en")

    by_name: dict[str, list[dict[str, Any]]] = {}
    for one in ran.document:
        by_name.setdefault(Path(one["file"]).name, []).append(one)
    assert set(by_name) == {file.name for file in files}
    assert {one["outcome"] for one in ran.document} <= {"accepted", "duplicate", "rejected"}
    for one in ran.document:
        assert bool(one["errors"]) is (one["outcome"] == "rejected")
        assert all(error["message"] and error["fix"] for error in one["errors"])
    assert [_codes(one) for one in by_name["xee.cap"]] == [["xml.unsafe"]]
    assert [error["field"] for error in by_name["invalid.cap"][0]["errors"]] == ["alert/scope"]
    assert by_name["oasis_thunderstorm.cap"][0]["outcome"] in {"accepted", "duplicate"}
    again = phoihop("report", *files, "--as", UNIT, "--json")
    assert {one["outcome"] for one in again.document} == {"duplicate", "rejected"}


@needs_real_data
def test_the_hub_goes_on_after_every_published_alert(phoihop: Phoihop, tmp_path: Path) -> None:
    phoihop("report", *(REAL_DATA / "cap").iterdir(), "--as", UNIT)

    body = report(new_id())
    assert phoihop("report", written(tmp_path, body), "--as", UNIT, "--json").document[0]["outcome"] == "accepted"
