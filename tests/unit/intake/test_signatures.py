"""Who signed a report is proved by its bytes: any other content, key or holder is refused, whoever hands it in."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.identity import IdentityChange, IdentityChanged, desk, service, unit
from contracts.problems import Problem
from contracts.signatures import SIGNATURE_HEADER, SIGNED, SIGNER_HEADER, Detached, Over, ReportSignature, signed_text
from contracts.subjects import Origin
from services.audit.evidence.verify import require_ed25519
from services.intake.formats import ReportDraft, read
from services.intake.signatures import check, is_claimed, missing
from services.runtime.signing import sign
from tests.unit.intake.samples import ARRIVAL, CAP, ORIGIN, RECEIVED_AT, report
from tests.unit.intake.signed import (
    AUTHOR,
    BODY,
    KEY,
    OTHER_KEY,
    OTHER_SEED,
    SEED,
    WATCH,
    checked,
    code,
    created,
    signed,
    signers,
)


def test_the_signature_of_a_known_text_by_a_known_key_never_changes() -> None:
    """The golden sample: breaks when what is signed changes, which would make every signature on record false."""
    detached = signed(b'{ "b": 1.0, "a": "\xe1\xba\xa1" }')

    assert signed_text(b'{ "b": 1.0, "a": "\xe1\xba\xa1" }') == (
        Over.CANONICAL,
        b'\xffphoihop report v1\ncanonical\n{"a":"\xe1\xba\xa1","b":1}',
    )
    assert detached.signer == "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK"
    assert detached.signature == (
        "prsDjL88Dy/g5ezNK54zoihACLy2jv3enivGzZBPjGkMSYD97F6EDLGKIod+jhTvDxsitkEWoEfXifdQPAOKDA=="
    )
    require_ed25519(base64.b32decode(KEY)[1:33], signed_text(b'{"a": "\xe1\xba\xa1", "b": 1}')[1], detached.raw)


def test_the_key_file_signs_what_intake_finds_true(tmp_path: Path) -> None:
    key = tmp_path / "unit.nk"
    key.write_bytes(SEED + b"\n")
    key.chmod(0o600)

    assert sign(BODY, key) == signed(BODY)
    assert isinstance(checked(sign(BODY, key), BODY), ReportSignature)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_any_changed_byte_of_a_report_that_changes_its_content_is_refused(place: int, change: int) -> None:
    """Breaks if a carrier could alter one byte of what another signed and still have it recorded as that other's."""
    changed = bytearray(BODY)
    changed[place] ^= change
    found = checked(signed(BODY), bytes(changed))

    assert (code(found) == "signature.invalid") == (signed_text(bytes(changed)) != signed_text(BODY))


@given(st.integers(0, len(CAP.encode()) - 1), st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_any_changed_byte_of_another_format_is_refused(place: int, change: int) -> None:
    changed = bytearray(CAP.encode())
    changed[place] ^= change

    assert code(checked(signed(CAP.encode()), bytes(changed))) == "signature.invalid"


@given(st.integers(0, 511))
@settings(deadline=None)
def test_any_changed_bit_of_a_signature_is_refused(bit: int) -> None:
    value = bytearray(signed(BODY).raw)
    value[bit // 8] ^= 1 << bit % 8
    forged = Detached(signer=KEY, signature=base64.b64encode(value).decode())

    assert code(checked(forged, BODY)) == "signature.invalid"


@given(st.integers(0, 4), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_a_carrier_may_write_the_same_json_otherwise(indent: int, order: Any) -> None:
    members = list(report().items())
    order.shuffle(members)

    assert isinstance(checked(signed(BODY), json.dumps(dict(members), indent=indent).encode()), ReportSignature)


@given(st.text())
@settings(deadline=None)
def test_no_challenge_of_a_server_is_a_report(challenge: str) -> None:
    """The key of a connection signs whatever UTF-8 text the server sends: no such text may be the text of a report.

    Breaks if a hostile hub could have a unit sign a report by presenting it as the challenge of a connection.
    """
    told = challenge.encode("utf-8", "surrogatepass")

    assert not told.startswith(SIGNED)
    with pytest.raises(UnicodeDecodeError):
        signed_text(told)[1].decode()


def test_a_key_of_nobody_and_another_units_key_over_its_signature_are_refused() -> None:
    stranger = signed(BODY, OTHER_SEED)
    swapped = Detached(signer=OTHER_KEY, signature=signed(BODY).signature)
    both = signers(created(), created(ORIGIN, OTHER_KEY))

    assert code(checked(stranger, BODY)) == "signature.unknown_key"
    assert code(checked(swapped, BODY, both)) == "signature.invalid"


@pytest.mark.parametrize("change", [IdentityChange.REVOKED, IdentityChange.ROTATED])
def test_a_key_that_ended_before_the_hub_received_the_report_signs_nothing(change: IdentityChange) -> None:
    """Breaks if a lost key could still sign: the time a report names is only what its writer claims."""
    key = OTHER_KEY if change is IdentityChange.ROTATED else None
    ended = IdentityChanged(
        identity=unit(*AUTHOR), change=change, key=key, previous=KEY, by="op", changed_at=RECEIVED_AT
    )
    later = ended.model_copy(update={"changed_at": RECEIVED_AT + timedelta(seconds=1)})

    assert code(checked(signed(BODY), BODY, signers(created(), ended))) == "signature.unknown_key"
    assert isinstance(checked(signed(BODY), BODY, signers(created(), later)), ReportSignature)
    if key:
        assert isinstance(checked(signed(BODY, OTHER_SEED), BODY, signers(created(), ended)), ReportSignature)


def test_services_sign_no_reports_and_desks_do() -> None:
    intake = created().model_copy(update={"identity": service("intake")})
    watch = created().model_copy(update={"identity": desk(*WATCH)})

    assert code(checked(signed(BODY), BODY, signers(intake))) == "signature.unknown_key"
    found = checked(signed(BODY), BODY, signers(watch))
    assert isinstance(found, ReportSignature)
    assert found.by.unit == WATCH.point


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({SIGNATURE_HEADER: signed(BODY).signature}, SIGNER_HEADER),
        ({SIGNER_HEADER: KEY}, SIGNATURE_HEADER),
        ({SIGNATURE_HEADER: "x", SIGNER_HEADER: KEY}, SIGNATURE_HEADER),
        ({SIGNATURE_HEADER: signed(BODY).signature, SIGNER_HEADER: "SUAB"}, SIGNER_HEADER),
        ({SIGNATURE_HEADER: signed(BODY).signature[:-3] + "B==", SIGNER_HEADER: KEY}, SIGNATURE_HEADER),
    ],
)
def test_half_a_signature_or_one_that_cannot_be_read_is_refused(headers: dict[str, str], field: str) -> None:
    """Breaks if a report that says it is signed were recorded as if it had said nothing."""
    found = check(headers, BODY, ARRIVAL, signers())

    assert is_claimed(headers)
    assert isinstance(found, Problem)
    assert (found.code.value, found.field) == ("signature.malformed", field)


def test_what_says_nothing_of_a_signature_is_not_signed() -> None:
    assert not is_claimed(None)
    assert not is_claimed({"Content-Type": "application/json"})


def test_who_has_a_key_on_record_must_sign_where_that_is_required_and_exercises_are_let_through() -> None:
    """Breaks if a stolen line could report unsigned for a unit that always signs, or if exercises cannot be filed."""
    known = signers(created(AUTHOR, KEY))
    for status, origin, expected in (
        ("Actual", AUTHOR, "signature.missing"),
        ("Exercise", AUTHOR, None),
        ("Actual", Origin("nobody", "without-a-key"), None),
    ):
        (part,) = read(json.dumps(report() | {"status": status}).encode(), origin, "application/json")
        found = missing(part, origin, known)
        assert isinstance(found, ReportDraft)
        assert (found.signature and code(found.signature)) == expected, (status, origin)


def test_a_revoked_key_asks_for_no_signature_any_more() -> None:
    known = signers(created(AUTHOR, KEY))
    assert known.can_sign(AUTHOR)
    ended = IdentityChanged(
        identity=unit(*AUTHOR), change=IdentityChange.REVOKED, previous=KEY, by="tester", changed_at=RECEIVED_AT
    )
    known.learn(ended)
    assert not known.can_sign(AUTHOR)
