"""The HTTP door of a real intake process on a real nats-server: every answer it promises and what it records."""

import asyncio
import json
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.identifiers import new_id
from contracts.problems import WORDINGS
from contracts.streams import MAX_BODY
from contracts.subjects import Origin
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, Answer, ask, put, report, update


def _facts(hub: Hub, identifier: object, unit: str = UNIT) -> list[str]:
    subject = subjects.report(Space.EXERCISE, Origin(*unit.split("/")), UUID(str(identifier)))
    return [read(stored.body).type for stored in asyncio.run(hub.facts(subject))]


def _refused(answer: Answer, status: int, *codes: str) -> None:
    assert (answer.status, answer.codes) == (status, list(codes))
    assert answer.body["outcome"] in {"rejected", "conflict"}
    for problem in answer.body["problems"]:
        assert problem["message"]
        assert problem["fix"]
        assert problem.keys() == {"code", "field", "message", "fix", "detail"}


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

    _refused(answer, 409, "id.conflict")
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

    _refused(answer, 422, code)
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


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"a":1}{', b"\xff\xfe", b'{"report": "\xff"}', b"{" * 5000])
def test_bytes_that_are_no_json_object_are_refused_under_the_id_in_the_path(door: str, body: bytes) -> None:
    identifier = new_id()

    answer = put(door, body, path_id=identifier)

    assert answer.status == 422
    assert answer.body["report"] == str(identifier)
    assert answer.codes[0].split(".")[0] in {"payload", "json", "format", "encoding", "field"}


def test_an_id_that_differs_from_the_path_is_refused_and_nothing_is_recorded(hub: Hub, door: str) -> None:
    body, other = report(), new_id()

    answer = put(door, body, path_id=other)

    _refused(answer, 422, "field.invalid")
    assert answer.body["problems"][0]["field"] == "report"
    assert answer.body["event"] is None
    assert _facts(hub, body["report"]) == _facts(hub, other) == []


@pytest.mark.parametrize("claimed", [7, "no id", [], {}])
def test_an_id_that_is_none_is_refused(door: str, claimed: object) -> None:
    answer = put(door, report(report=claimed), path_id=uuid4())

    _refused(answer, 422, "field.invalid")


def test_a_report_without_its_id_is_refused(door: str) -> None:
    body = report()
    del body["report"]

    _refused(put(door, body, path_id=new_id()), 422, "field.missing")


def test_a_path_without_an_id_is_refused_in_the_same_shape(door: str) -> None:
    answer = put(door, report(), path_id="not-an-id")

    _refused(answer, 422, "field.invalid")
    assert answer.body["report"] == "not-an-id"


@pytest.mark.parametrize("unit", [None, "", "/", "vmrcc-kv2", "vmrcc-kv2/tau-sar/x", "*/*", "a.b/c", "A/b", ">"])
def test_nobody_is_let_in_unless_somebody_vouches_for_the_unit(door: str, unit: str | None) -> None:
    """A wildcard or a dot in the name would write into other subjects."""
    answer = put(door, report(), unit=unit)

    _refused(answer, 401, "sender.unnamed")
    assert answer.headers["WWW-Authenticate"]


def test_a_unit_that_is_not_in_the_register_is_refused(door: str) -> None:
    _refused(put(door, report(), unit="nobody/nowhere"), 422, "sender.unknown")


def test_a_body_over_the_limit_is_refused_by_its_size(door: str) -> None:
    _refused(put(door, report(description="x" * MAX_BODY)), 413, "payload.too_large")


def test_a_body_just_under_the_limit_reaches_intake(door: str) -> None:
    """What the door lets through must also fit the stream with its headers, or the sender would never hear."""
    body = json.dumps(report()).encode()
    padded = body[:-1] + b" " * (MAX_BODY - len(body)) + b"}"

    answer = put(door, padded, path_id=json.loads(body)["report"])

    assert (len(padded), answer.status) == (MAX_BODY, 201)


def test_a_body_without_a_length_is_cut_off_at_the_limit(door: str) -> None:
    with _connected(door) as client:
        client.sendall(_head("Transfer-Encoding: chunked"))
        chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
        client.sendall(chunk * 5)
        assert b" 413 " in client.recv(4096).split(b"\r\n")[0]


def test_a_body_that_comes_too_slowly_is_given_up(door: str) -> None:
    """Otherwise a few clients that never finish could hold every connection."""
    with _connected(door) as client:
        client.sendall(_head("Content-Length: 1000") + b"{")
        answer = client.recv(4096)
        assert b" 408 " in answer.split(b"\r\n")[0]
        assert b"connection: close" in answer.lower()


def test_a_client_that_hangs_up_in_the_middle_disturbs_nobody(hub: Hub, door: str) -> None:
    for _ in range(20):
        with _connected(door) as client:
            client.sendall(_head("Content-Length: 1000") + b"{")

    assert put(door, report()).status == 201
    assert "Traceback" not in "".join(child.output() for child in hub.children)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/cap+xml", b"<alert/>"),
        ("application/json", b"<alert/>"),
        ("application/json", b"\xef\xbb\xbf <alert/>"),
        ("text/plain", b"{}"),
        ("application/x-www-form-urlencoded", b"a=b"),
    ],
)
def test_only_json_is_taken_here_since_an_envelope_carries_no_id_of_the_path(
    door: str, media_type: str, body: bytes
) -> None:
    _refused(put(door, body, headers={"Content-Type": media_type}), 415, "format.unknown")


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_known_however_it_is_spelled(door: str, media_type: str) -> None:
    assert put(door, report(), headers={"Content-Type": media_type}).status == 201


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


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=10)


def _head(length: str) -> bytes:
    lines = [f"PUT /v1/reports/{new_id()} HTTP/1.1", "Host: door", f"X-Phoihop-Unit: {UNIT}", length]
    return ("\r\n".join([*lines, "Content-Type: application/json"]) + "\r\n\r\n").encode()
