"""A signed report goes on record with the proof of whose it is, whoever hands it in; a false one does not."""

import base64
import json
from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from contracts.events import ReportAccepted
from contracts.register import Desk, FieldUnit, Register
from contracts.signatures import SIGNATURE_HEADER, Detached, Over, signed_text
from contracts.subjects import Origin
from services.intake.acceptance import Accepted, Arrival, Decision, Rejected, accept, event_of, values_of
from services.intake.formats import ReportDraft, read
from services.intake.sealing import needs_keys, seal
from services.intake.senders import Senders
from services.intake.signatures import beside, check
from services.intake.signers import Signers
from services.runtime.signing import is_signed
from tests.unit.intake.samples import ARRIVAL, CAP, ORIGIN, as_json, register, report
from tests.unit.intake.signed import (
    AUTHOR,
    BODY,
    WATCH,
    checked,
    created,
    signed,
    signers,
)


def two_units() -> Register:
    (agency,) = register().agencies
    more = FieldUnit(code=AUTHOR.point, name_vi="Tổ 2", name_en="Team 2")
    watch = Desk(code=WATCH.point, name_vi="Trực ban", name_en="Duty desk")
    changed = agency.model_copy(update={"units": (*agency.units, more), "desks": (watch,)})
    return register().model_copy(update={"agencies": (changed,)})


def decided(body: bytes, detached: Detached, carrier: Origin = ORIGIN, known: Signers | None = None) -> Decision:
    """As the handler goes about it."""
    arrival = replace(ARRIVAL, origin=carrier)
    signature = check(detached.headers, body, arrival, known or signers())
    (part,) = (beside(one, signature, body) for one in read(body, carrier))
    part = seal(part, carrier, (b"\1" * 32,) if needs_keys(part) else ())
    assert isinstance(part, ReportDraft)
    return accept(part, arrival, Senders(two_units()), None)


def fact(decision: Decision, arrival: Arrival = ARRIVAL) -> ReportAccepted:
    event = event_of(decision, arrival)
    assert event is not None
    assert isinstance(event.data, ReportAccepted)
    return event.data


def refused(decision: Decision) -> list[tuple[str, str]]:
    assert isinstance(decision, Rejected)
    return [(problem.code.value, problem.field) for problem in decision.problems]


@pytest.mark.parametrize(("body", "over"), [(BODY, Over.CANONICAL), (CAP.encode(), Over.BYTES)])
def test_the_fact_alone_proves_who_signed_years_later(body: bytes, over: Over) -> None:
    """Breaks if the fact lost the signed bytes, the signature or the key: then nobody could check it without us."""
    found = fact(decided(body, signed(body), AUTHOR), replace(ARRIVAL, origin=AUTHOR))

    assert found.signature is not None
    assert found.signature.value is not None
    assert found.original.content is not None
    assert found.signature.over == over
    raw = base64.b64decode(found.signature.value)
    assert is_signed(found.signature.key, signed_text(found.original.content)[1], raw)


@pytest.mark.parametrize("carrier", [ORIGIN, WATCH])
def test_a_report_that_another_signed_is_recorded_as_carried(carrier: Origin) -> None:
    """The sender stays whom the server authenticated; the signature says whose report it is."""
    body = as_json(report(sender={"agency": AUTHOR.agency, "unit": AUTHOR.point}))
    found = fact(decided(body, signed(body), carrier), replace(ARRIVAL, origin=carrier))

    assert (found.sender.agency, found.sender.unit) == carrier
    assert found.signature is not None
    assert (found.signature.by.agency, found.signature.by.unit) == AUTHOR


def test_carrying_needs_a_carrier_an_author_and_a_body_that_are_who_they_say() -> None:
    claims_carrier = as_json(report(sender={"agency": ORIGIN.agency, "unit": ORIGIN.point}))
    nobody = Origin("nobody", "x")
    gone = signers(created(nobody))

    assert refused(decided(claims_carrier, signed(claims_carrier))) == [("sender.mismatch", "sender")]
    assert refused(decided(BODY, signed(BODY), nobody)) == [("sender.unknown", "sender")]
    assert refused(decided(BODY, signed(BODY), known=gone)) == [("sender.unknown", "sender")]
    assert refused(decided(BODY, signed(BODY), WATCH, signers(created(WATCH)))) == [("sender.unknown", "sender")]


def test_a_false_signature_is_refused_and_nothing_of_the_report_is_kept() -> None:
    other = as_json(report(headline="Khác", sender={"agency": AUTHOR.agency, "unit": AUTHOR.point}))
    decision = decided(other, signed(BODY))

    assert refused(decision) == [("signature.invalid", SIGNATURE_HEADER)]
    assert isinstance(decision, Rejected)
    assert decision.original.content is None


def test_beside_personal_values_the_signature_is_sealed_with_them() -> None:
    """A true signature in clear is an oracle: whoever guesses the telephone number sees that the guess is right."""
    body = as_json(report(personal=[{"kind": "contact", "value": "0905 123 456"}]))
    decision = decided(body, signed(body))
    assert isinstance(decision, Accepted)
    found, values = fact(decision), values_of(decision, ORIGIN)

    assert found.signature is not None
    assert found.signature.value is None
    assert found.original.content is None
    assert signed(body).signature not in found.model_dump_json()
    assert values is not None
    assert [one.kind for one in values.openings] == ["contact", "original", "signature"]
    original, value = (one.value for one in values.openings[1:])
    assert is_signed(found.signature.key, signed_text(base64.b64decode(original))[1], base64.b64decode(value))
    assert decision.content == unsigned_content(body)


def unsigned_content(body: bytes) -> str:
    """Signing again, or not at all, makes no other content of a report."""
    (part,) = (seal(one, ORIGIN, (b"\1" * 32,)) for one in read(body, ORIGIN))
    assert isinstance(part, ReportDraft)
    return part.contents[0]


def test_a_fact_cannot_hold_a_signature_in_clear_beside_personal_values_nor_lose_it_without_any() -> None:
    body = as_json(report(personal=[{"kind": "contact", "value": "0905 123 456"}]))
    told = json.loads(fact(decided(body, signed(body))).model_dump_json())
    shown = told | {"signature": told["signature"] | {"value": signed(body).signature}}

    with pytest.raises(ValidationError, match="sealed where there are personal values"):
        ReportAccepted.model_validate_json(json.dumps(shown))
    with pytest.raises(ValidationError, match="sealed where there are personal values"):
        ReportAccepted.model_validate_json(json.dumps(told | {"personal": None}))


def test_a_unit_that_is_registered_no_more_cannot_be_carried() -> None:
    (agency,) = two_units().agencies
    ended = tuple(one.model_copy(update={"valid_to": date(2026, 11, 1)}) for one in agency.units[1:])
    gone = two_units().model_copy(
        update={"agencies": (agency.model_copy(update={"units": (agency.units[0], *ended)}),)}
    )
    signature = checked(signed(BODY), BODY)
    (part,) = (beside(one, signature, BODY) for one in read(BODY, ORIGIN))
    assert isinstance(part, ReportDraft)

    assert refused(accept(part, ARRIVAL, Senders(gone), None)) == [("sender.unknown", "sender")]
