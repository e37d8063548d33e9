"""Facts survive the wire unchanged, in an envelope that any CloudEvents 1.0.2 reader understands."""

import json
import re
from datetime import datetime
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from contracts.envelope import CURRENT, Event, UnreadableEventError, read, schema_of, type_of
from contracts.events import DispatchDelivered, EventData, IncidentEventData
from tests.unit.contracts.facts import DATA, events

REQUIRED = {"id", "source", "specversion", "type"}
OPTIONAL = {"datacontenttype", "dataschema", "subject", "time"}
EXTENSIONS = {"incidentid", "correlationid", "causationid"}
DELIVERED = {
    "specversion": "1.0",
    "id": "4c0d4a0e-8a6c-5a25-9d6c-0a8f6f8f7a11",
    "source": "/phoihop/routing",
    "type": "phoihop.DispatchDelivered.v1",
    "subject": "a.subject",
    "time": "2026-11-22T05:10:00Z",
    "datacontenttype": "application/json",
    "dataschema": "urn:phoihop:schema:DispatchDelivered:1",
    "correlationid": "01938f2e-0000-7000-8000-000000000001",
    "causationid": "01938f2e-0000-7000-8000-000000000002",
    "data": {
        "dispatch": "01938f2e-0000-7000-8000-000000000003",
        "incident": "01938f2e-0000-7000-8000-000000000004",
        "action": "01938f2e-0000-7000-8000-000000000005",
    },
}


def _bytes(**changes: object) -> bytes:
    return json.dumps(DELIVERED | changes).encode()


def test_every_event_type_can_be_drawn_so_that_a_new_one_is_tested_too() -> None:
    assert set(DATA) == set(get_args(EventData))
    assert set(get_args(IncidentEventData)) <= set(get_args(EventData))


@given(events())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_an_event_that_is_written_is_read_back_equal_and_written_again_as_the_same_bytes(event: Event[Any]) -> None:
    """Breaks if any field is lost, coerced or reformatted on the wire: redelivered decisions would not be identical."""
    body = event.to_bytes()

    again = read(body)

    assert again == event
    assert again.to_bytes() == body


@given(events())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_envelope_is_cloudevents_1_0_2_in_structured_json(event: Event[Any]) -> None:
    """CloudEvents 1.0.2: sections 2.1 (attribute names), 3.1 (required attributes) and the JSON format, section 2."""
    envelope = json.loads(event.to_bytes())

    assert envelope.keys() >= REQUIRED
    assert envelope.keys() <= REQUIRED | OPTIONAL | EXTENSIONS | {"data"}
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in envelope.keys() - {"data"})
    assert envelope["specversion"] == "1.0"
    assert all(isinstance(envelope[name], str) and envelope[name] for name in envelope.keys() - {"data"})
    assert datetime.fromisoformat(envelope["time"]).tzinfo is not None
    assert envelope["datacontenttype"] == "application/json"
    assert isinstance(envelope["data"], dict)


def test_what_is_absent_is_left_out_since_cloudevents_gives_null_no_meaning() -> None:
    assert b"null" not in read(_bytes()).to_bytes()


def test_type_and_schema_name_the_model_and_its_version() -> None:
    assert type_of(DispatchDelivered) == "phoihop.DispatchDelivered.v1"
    assert schema_of(DispatchDelivered) == "urn:phoihop:schema:DispatchDelivered:1"
    assert set(CURRENT) == {model.__name__ for model in get_args(EventData)}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "EOF"),
        (b"not json", "expected"),
        (b"[]", "list indices"),
        (b"{}", "type"),
        (_bytes(type="phoihop.Nobody.v1"), "unknown event type"),
        (_bytes(type="other.DispatchDelivered.v1"), "unknown event type"),
        (_bytes(type="phoihop.DispatchDelivered.v0"), "not a version"),
        (_bytes(type=7), "expected string"),
    ],
)
def test_bytes_that_are_no_event_of_ours_are_refused_by_name(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableEventError, match=reason):
        read(body)


def test_a_newer_version_than_this_program_knows_is_refused_clearly() -> None:
    """A reader that guessed at newer data could decide on half of a fact."""
    with pytest.raises(UnreadableEventError, match=r"phoihop\.DispatchDelivered\.v2 .* \(newest: v1\)"):
        read(_bytes(type="phoihop.DispatchDelivered.v2"))


@pytest.mark.parametrize(
    "changes",
    [
        {"specversion": "0.3"},
        {"source": "https://elsewhere.example"},
        {"time": "2026-11-22T05:10:00"},
        {"correlationid": "none"},
        {"unknownattribute": "x"},
        {"data": {**DELIVERED["data"], "extra": 1}},  # type: ignore[dict-item]
        {"data": {"dispatch": "x"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_broken_envelope_or_broken_data_is_not_read(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        read(_bytes(**changes))
