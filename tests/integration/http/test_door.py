"""The HTTP door of a real intake process on a real nats-server: every answer it promises and what it records."""

import asyncio
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.identifiers import new_id
from contracts.problems import WORDINGS
from contracts.subjects import Origin
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, ask, put, refused, report, update


def _facts(hub: Hub, identifier: object, unit: str = UNIT) -> list[str]:
    subject = subjects.report(Space.EXERCISE, Origin(*unit.split("/")), UUID(str(identifier)))
    return [read(stored.body).type for stored in asyncio.run(hub.facts(subject))]


def test_a_valid_report_is_created_and_its_fact_is_on_record(hub: Hub, door: str) -> None:
    """201 is the promise: it would be broken if the answer came before the fact was in EVENTS."""
    body = report()

    answer = put(door, body)

    assert (answer.status, answer.body["outcome"]) == (201, "accepted")
    assert answer.body["report"] == body["report"]
    assert UUID(answer.body["event"]).version == 5
    assert _facts(hub, body["report"]) == ["phoihop.ReportAccepted.v1"]


def test_the_same_report_again_is_a_duplicate_of_the_same_event(hub: Hub, door: str) -> None:
    body = report()
    first = put(door, body)

    again = put(door, json.dumps(body, indent=2, sort_keys=True).encode(), path_id=body["report"])

    assert (again.status, again.body["outcome"], again.body["event"]) == (200, "duplicate", first.body["event"])
    assert _facts(hub, body["report"]) == ["phoihop.ReportAccepted.v1"]


def test_other_content_under_the_same_id_is_a_conflict_and_leaves_the_record_alone(hub: Hub, door: str) -> None:
    body = report()
    put(door, body)

    answer = put(door, body | {"headline": "Tàu hàng mắc cạn"})

    refused(answer, 409, "id.conflict")
    assert answer.body["report"] == body["report"]
    assert _facts(hub, body["report"]) == ["phoihop.ReportAccepted.v1"]


def test_the_same_id_of_another_unit_is_another_report(hub: Hub, door: str) -> None:
    """A sender's id counts only together with the sender, so nobody can claim another's report away."""
    body = report()
    put(door, body, unit=OTHER_UNIT)

    answer = put(door, body)

    assert answer.status == 201
    assert _facts(hub, body["report"]) == _facts(hub, body["report"], OTHER_UNIT) == ["phoihop.ReportAccepted.v1"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"category": "NAT-NONE"}, "category", "category.unknown"),
        ({"headline": "a\u202eb"}, "headline", "text.forbidden_character"),
        ({"headline": None}, "headline", "field.invalid"),
        ({"surprise": 1}, "surprise", "field.unknown"),
        ({"sent": "yesterday"}, "sent", "time.invalid"),
        ({"msg_type": "Update"}, "references", "references.missing"),
        ({"places": [{"kind": "point", "lat": 91.0, "lon": 0.0}]}, "places.0.lat", "field.invalid"),
        ({"status": "Draft"}, "status", "status.not_accepted"),
        ({"sender": {"agency": "ub", "unit": "x"}}, "sender", "sender.mismatch"),
        ({"description": "Độ mật: Tối mật"}, "description", "secrecy.refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invalid_report_is_refused_with_code_and_field(
    door: str, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = put(door, report(**changes))

    refused(answer, 422, code)
    assert [problem["field"] for problem in answer.body["problems"]] == [field]


def test_every_fault_is_named_at_once(door: str) -> None:
    answer = put(door, report(category="X", severity="Awful", extra=1))

    assert answer.status == 422
    assert set(answer.codes) == {"category.unknown", "field.invalid", "field.unknown"}


def test_a_refusal_by_intake_is_a_fact_too(hub: Hub, door: str) -> None:
    answer = put(door, report(category="X"))

    facts = asyncio.run(hub.facts(subjects.ALL_REPORTS))

    assert answer.body["event"] in {str(read(stored.body).id) for stored in facts}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "vi"),
        ("vi", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0.2, vi", "vi"),
        ("fr", "vi"),
        ("en;q=none", "vi"),
        (";;,", "vi"),
    ],
)
def test_the_answer_speaks_the_language_asked_for(door: str, accepted: str | None, language: str) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}

    problem = put(door, report(category="X"), headers=headers).body["problems"][0]

    wording = WORDINGS[next(code for code in WORDINGS if code.value == "category.unknown")]
    expected = (wording.vi, wording.fix_vi) if language == "vi" else (wording.en, wording.fix_en)
    assert (problem["message"], problem["fix"]) == expected


def test_an_id_that_differs_from_the_path_is_refused_and_nothing_is_recorded(hub: Hub, door: str) -> None:
    body, other = report(), new_id()

    answer = put(door, body, path_id=other)

    refused(answer, 422, "field.invalid")
    assert answer.body["problems"][0]["field"] == "report"
    assert answer.body["event"] is None
    assert _facts(hub, body["report"]) == _facts(hub, other) == []


@pytest.mark.parametrize("claimed", [7, "no id", [], {}])
def test_an_id_that_is_none_is_refused(door: str, claimed: object) -> None:
    answer = put(door, report(report=claimed), path_id=uuid4())

    refused(answer, 422, "field.invalid")


def test_a_report_without_its_id_is_refused(door: str) -> None:
    body = report()
    del body["report"]

    refused(put(door, body, path_id=new_id()), 422, "field.missing")


def test_a_path_without_an_id_is_refused_in_the_same_shape(door: str) -> None:
    answer = put(door, report(), path_id="not-an-id")

    refused(answer, 422, "field.invalid")
    assert answer.body["report"] == "not-an-id"


@pytest.mark.parametrize("unit", [None, "", "/", "vmrcc-kv2", "vmrcc-kv2/tau-sar/x", "*/*", "a.b/c", "A/b", ">"])
def test_nobody_is_let_in_unless_somebody_vouches_for_the_unit(door: str, unit: str | None) -> None:
    """A wildcard or a dot in the name would write into other subjects."""
    answer = put(door, report(), unit=unit)

    refused(answer, 401, "sender.unnamed")
    assert answer.headers["WWW-Authenticate"]


def test_a_unit_that_is_not_in_the_register_is_refused(door: str) -> None:
    refused(put(door, report(), unit="nobody/nowhere"), 422, "sender.unknown")


def test_twenty_equal_puts_at_once_give_one_created_and_one_fact(hub: Hub, door: str) -> None:
    """A phone that retries before it hears must not file its report twice, whatever the timing."""
    body = report()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: put(door, body), range(20)))

    assert Counter(answer.status for answer in answers) == {201: 1, 200: 19}
    assert len({answer.body["event"] for answer in answers}) == 1
    assert _facts(hub, body["report"]) == ["phoihop.ReportAccepted.v1"]


def test_one_id_with_twenty_contents_at_once_is_accepted_once(hub: Hub, door: str) -> None:
    identifier = new_id()
    bodies = [report(identifier, headline=f"Tàu cá số {number}") for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda body: put(door, body), bodies))

    assert Counter(answer.status for answer in answers) == {201: 1, 409: 19}
    assert _facts(hub, identifier) == ["phoihop.ReportAccepted.v1"]


def test_the_problems_are_listed_in_both_languages(door: str) -> None:
    answer = ask(door, "GET", "/v1/problems")

    assert answer.status == 200
    assert answer.body["id.conflict"].keys() == {"vi", "en", "fix_vi", "fix_en"}


@pytest.mark.parametrize(
    "path", ["/docs/asyncapi/try", "/docs", "/redoc", "/asyncapi", "/docs/asyncapi", "/v1/publish"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_no_page_that_publishes_for_a_visitor(door: str, path: str, method: str) -> None:
    """FastStream offers a try-it-out route that publishes anything anywhere; it must not exist."""
    assert ask(door, method, path, b"{}").status == 404


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/v1/openapi.json"])
def test_health_measures_and_description_are_served_beside_the_door(door: str, path: str) -> None:
    assert ask(door, "GET", path).status == 200


def test_no_unit_and_no_report_becomes_a_label_of_a_measure(door: str) -> None:
    """Labels multiply series: one per unit or report would fill the memory of whoever collects them."""
    body = report()
    put(door, body)

    measures = ask(door, "GET", "/metrics").body.decode()

    assert 'phoihop_outcomes_total{kind="http",outcome="accepted"}' in measures
    assert not [word for word in ("vmrcc-kv2", "tau-sar", body["report"], "exercise.") if word in measures]


def test_an_update_is_taken_while_it_is_not_too_fast(door: str) -> None:
    assert put(door, update()).status == 201
