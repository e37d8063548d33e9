"""What is read leaves intake without a personal value in clear, the same way each time, with nothing to guess by."""

import base64
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.events import ReportAccepted
from services.intake.acceptance import (
    Accepted,
    Conflict,
    Decision,
    Duplicate,
    Rejected,
    accept,
    event_of,
    receipt_of,
    refuse,
    values_of,
)
from services.intake.formats import ReportDraft, read
from services.intake.formats.personal_fields import _NAMES, may_name_people, names_people
from services.intake.salts import DayKeys
from services.intake.sealing import needs_keys, seal
from services.intake.senders import Senders
from tests.unit.intake.samples import ARRIVAL, ORIGIN, RECEIVED_AT, as_json, cap, register, report

TODAY, EARLIER = b"\x01" * 32, b"\x02" * 32
NAME, NUMBER = "Nguyễn Thị Bé", "0905 123 456"
PERSONAL = [{"kind": "casualty", "value": NAME}, {"kind": "contact", "value": NUMBER}]


def decided(body: bytes, keys: tuple[bytes, ...] = (TODAY,), known: str | None = None) -> Decision:
    """The decision on the one report of a submission."""
    (part,) = (seal(one, ORIGIN, keys) for one in read(body, ORIGIN))
    return accept(part, ARRIVAL, Senders(register()), known) if isinstance(part, ReportDraft) else refuse(part)


def written(decision: Decision) -> str:
    """Everything that leaves intake in clear: the fact and the receipt."""
    event = event_of(decision, ARRIVAL)
    assert event is not None
    return event.to_bytes().decode() + receipt_of(decision, ORIGIN).model_dump_json()


def test_the_fact_commits_to_every_value_and_to_the_bytes_and_holds_none_of_them() -> None:
    body = as_json(report(personal=PERSONAL))
    decision = decided(body)
    assert isinstance(decision, Accepted)
    values, told = values_of(decision, ORIGIN), written(decision)
    event = event_of(decision, ARRIVAL)
    assert values is not None
    assert event is not None
    assert isinstance(event.data, ReportAccepted)

    assert [one.sealed for one in values.openings] == list(event.data.personal or ())
    assert [one.value for one in values.openings] == [NAME, NUMBER, base64.b64encode(body).decode()]
    assert values.event == event.id
    assert len({one.salt for one in values.openings}) == 3
    assert all(hidden not in told for hidden in (NAME, NUMBER, "0905", sha256_hex(body)))


def test_a_redelivery_writes_the_same_bytes_and_a_resubmission_of_a_later_day_is_a_duplicate() -> None:
    body = as_json(report(personal=PERSONAL))
    first, again = decided(body, (EARLIER,)), decided(body, (EARLIER,))
    assert isinstance(first, Accepted)

    assert written(first) == written(again)
    assert isinstance(decided(body, (TODAY, EARLIER), first.content), Duplicate)


def test_another_name_under_the_same_id_is_a_conflict_that_shows_neither_name() -> None:
    first = decided(as_json(report(personal=PERSONAL)))
    assert isinstance(first, Accepted)
    other = decided(as_json(report(personal=[{"kind": "casualty", "value": "Trần Văn Cả"}])), known=first.content)

    assert isinstance(other, Conflict)
    assert "Cả" not in written(other)


def test_the_digest_that_tells_duplicates_gives_no_value_away() -> None:
    """Breaks if whoever knows all but the telephone number could try numbers against `content`."""
    guess = as_json(report(personal=PERSONAL))
    contents = {one.content for key in (TODAY, EARLIER) if isinstance(one := decided(guess, (key,)), Accepted)}

    assert len(contents) == 2


def test_a_report_without_personal_values_is_recorded_as_before() -> None:
    plain, empty = decided(as_json(report()), ()), decided(as_json(report(personal=[])), ())
    assert isinstance(plain, Accepted)
    assert isinstance(empty, Accepted)

    assert (plain.openings, empty.openings) == ((), ())
    assert plain.content == empty.content
    assert plain.original.sha256 == sha256_hex(as_json(report()))


@pytest.mark.parametrize(
    "body",
    [
        as_json(report(personal=PERSONAL, category="NO-SUCH")),
        as_json(report(personal=PERSONAL, status="Draft")),
        as_json(report(personal=[{"kind": NAME, "value": NUMBER}])),
        as_json(report(personal=[{"kind": "contact", "value": NUMBER, NAME: NUMBER}])),
        as_json(report(personal=[{"kind": "contact", "value": NUMBER + "\u200b"}])),
        as_json(report(personal=PERSONAL))[:-1],
        as_json(report()).replace(b'"headline"', b'"\\u0070ersonal": "' + NUMBER.encode() + b'", "headline"')[:-1],
        cap(("<urgency>", f"<contact>{NUMBER}</contact><urgency>")),
        f"<alert><info><cap:contact>{NUMBER}".encode("utf-16"),
    ],
    ids=["category", "status", "kind", "member", "hidden", "cut", "escaped", "order", "utf-16"],
)
def test_a_refusal_shows_no_value_no_digest_and_no_id_that_follows_from_one(body: bytes) -> None:
    """Breaks if the bytes of a refused report could be guessed from what is recorded of the refusal."""
    refused, elsewhere = decided(body, (TODAY,)), decided(body, (EARLIER,))
    assert isinstance(refused, Rejected)
    told = written(refused)

    assert refused.original.sha256 is None
    assert all(hidden not in told for hidden in (NAME, NUMBER, sha256_hex(body)))
    assert written(elsewhere) != told
    assert written(decided(body, (TODAY,))) == told


def test_a_cap_contact_is_taken_as_a_value_and_its_alert_is_sealed() -> None:
    body = cap(
        ("<headline>Lũ", "<senderName>Công an xã</senderName><headline>Lũ"),
        ("<area>", f"<contact>{NUMBER}\n (trực) </contact><area>"),
    )
    decision = decided(body)
    assert isinstance(decision, Accepted)

    assert [(one.kind, one.value) for one in decision.openings][:1] == [("contact", f"{NUMBER} (trực)")]
    assert [one.kind for one in decision.openings] == ["contact", "original"]
    assert all(hidden not in written(decision) for hidden in (NUMBER, base64.b64encode(body).decode()[:40]))


def test_a_contact_that_is_no_line_is_not_cut_but_sealed_with_the_alert() -> None:
    decision = decided(cap(("<area>", f"<contact>{'x' * 300}</contact><area>")))
    assert isinstance(decision, Accepted)

    assert [one.kind for one in decision.openings] == ["original"]


def test_an_envelope_that_names_people_is_sealed_whole() -> None:
    envelope: dict[str, Any] = dict.fromkeys(("distributionID", "senderID", "distributionKind"), "x")
    envelope |= {"dateTimeSent": "2026-11-22T07:30:00+07:00", "dateTimeExpires": "2026-11-22T09:30:00+07:00"}
    envelope |= {"distributionStatus": "Actual", "caller": {"name": NAME}}
    envelope["content"] = [{"jsonContent": {"embeddedJsonContent": {"message": report()}}}]
    decision = decided(as_json(envelope))
    assert isinstance(decision, Accepted)

    assert [one.kind for one in decision.openings] == ["original"]
    assert NAME not in written(decision)


def test_a_draft_that_nobody_sealed_cannot_become_a_fact() -> None:
    (draft,) = read(as_json(report(personal=PERSONAL)), ORIGIN)
    assert isinstance(draft, ReportDraft)
    assert needs_keys(draft)

    with pytest.raises(ValueError, match="in clear"):
        event_of(Accepted(draft.report, draft.original, "0" * 64, Space.ACTUAL), ARRIVAL)
    assert not needs_keys(replace(draft, withheld=None))


def test_a_days_secret_is_the_same_until_it_is_destroyed(tmp_path: Path) -> None:
    """Breaks if a restart gave other salts within the days kept, or if a secret outlived them."""
    later = RECEIVED_AT.replace(day=29)
    first = DayKeys(tmp_path, 7).at(RECEIVED_AT)
    both = DayKeys(tmp_path, 7).at(later)

    assert (len(first), both[1], len(set(both))) == (1, first[0], 2)
    assert DayKeys(tmp_path, 7).forget(date(2026, 11, 29)) == 0
    assert DayKeys(tmp_path, 7).forget(date(2026, 11, 30)) == 1
    assert DayKeys(tmp_path, 7).at(later) == both[:1]
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir())


def test_a_secret_that_a_crash_left_empty_is_made_anew(tmp_path: Path) -> None:
    """Breaks if an emptied file were taken for a secret: anybody could derive salts from it."""
    (tmp_path / "2026-11-22.salt").touch(mode=0o600)

    assert [len(key) for key in DayKeys(tmp_path, 7).at(datetime.fromisoformat("2026-11-22T01:00:00Z"))] == [32]


@pytest.mark.parametrize("name", sorted(_NAMES))
def test_the_quick_look_misses_no_field_that_the_reading_finds(name: str) -> None:
    """Breaks if a submission were recorded in clear because the look at its bytes passed over a field's spelling."""
    spelled = name.title()
    escaped = "".join(f"\\u{ord(letter):04X}" for letter in spelled)
    assert names_people([(f"envelope.{spelled}[2].value", "value", NAME)])
    for text in (f'{{"{spelled}": "x"}}', f'{{"{escaped}": "x"}}', f"<ct:{spelled} a='b'>x", f"<{spelled}>x"):
        assert may_name_people(text.encode())
        assert may_name_people(text.encode("utf-16-be"))
