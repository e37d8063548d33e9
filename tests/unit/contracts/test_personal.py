"""A commitment binds and hides: SHA-256 alone checks it, no fact can hold a value, and equal values look different."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.envelope import read
from contracts.events import Original, ReportAccepted
from contracts.personal import Opening, PersonalKind, PersonalValue, Sealed

GOLDEN = Path(__file__).parent / "golden" / "ReportAccepted.v1.json"
ONE, OTHER = "11" * 32, "22" * 32


def test_sha256_of_three_lines_is_the_commitment() -> None:
    """Written out by hand: a court needs `sha256sum` and nothing of ours."""
    opening = Opening(kind=PersonalKind.CASUALTY, salt=ONE, value="Nguyễn Văn A, 54 tuổi")
    by_hand = f'phoihop personal value v1\n{ONE}\n{{"kind":"casualty","value":"Nguyễn Văn A, 54 tuổi"}}'

    assert opening.to_bytes() == by_hand.encode()
    assert opening.sealed == Sealed(kind=PersonalKind.CASUALTY, commitment=hashlib.sha256(by_hand.encode()).hexdigest())


def test_the_same_value_under_another_salt_or_of_another_kind_has_another_commitment() -> None:
    """Breaks if two reports that name one person could be joined by their commitments."""
    same = [
        Opening(kind=kind, salt=salt, value="0905 123 456").sealed.commitment
        for kind in (PersonalKind.CONTACT, PersonalKind.WITNESS)
        for salt in (ONE, OTHER)
    ]

    assert len(set(same)) == 4


@pytest.mark.parametrize("value", ["hai\ndòng", "ẩn\u200bký tự", "", "x" * 201])
def test_a_value_is_one_clean_line(value: str) -> None:
    with pytest.raises(ValidationError):
        PersonalValue(kind=PersonalKind.CONTACT, value=value)


def test_a_sender_cannot_name_a_value_an_original() -> None:
    """The kind `original` stands for the bytes of a submission; only intake seals those."""
    with pytest.raises(ValidationError):
        PersonalValue.model_validate_json('{"kind": "original", "value": "x"}')


def test_no_fact_can_be_made_or_read_with_a_value_in_clear() -> None:
    """Breaks if a writer that forgot to seal, or a forger, could put a person's name into the record."""
    event: dict[str, Any] = json.loads(GOLDEN.read_bytes())
    event["data"]["report"]["personal"] = [{"kind": "casualty", "value": "Nguyễn Văn A"}]

    with pytest.raises(ValidationError, match="never holds a personal value in clear"):
        read(json.dumps(event).encode())


@pytest.mark.parametrize("shown", [{"sha256": ONE}, {"content": b"..."}], ids=str)
def test_a_fact_with_sealed_values_shows_neither_the_bytes_it_came_in_nor_their_digest(shown: dict[str, Any]) -> None:
    """A plain digest of bytes of which only a telephone number is unknown gives that number away."""
    accepted = read(GOLDEN.read_bytes()).data
    assert isinstance(accepted, ReportAccepted)
    told = {name: getattr(accepted, name) for name in ("sender", "received_at", "content", "report")}

    with pytest.raises(ValidationError, match="sealed"):
        ReportAccepted(
            **told,
            original=Original(format=accepted.original.format, size=3, **shown),
            personal=(Sealed(kind="original", commitment=ONE),),
        )
