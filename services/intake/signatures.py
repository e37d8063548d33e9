"""Checks the signature that came with a submission, and puts what was found beside every report of it."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from contracts.codes import Space, space_of
from contracts.problems import Problem, ProblemCode
from contracts.reports import Sender
from contracts.signatures import SIGNATURE_HEADER, SIGNER_HEADER, Detached, ReportSignature, signed_text
from contracts.subjects import Origin
from services.intake.acceptance import Arrival
from services.intake.formats.drafts import Reading, Unreadable
from services.intake.signers import Signers
from services.runtime.signing import is_signed


def is_claimed(headers: Mapping[str, str] | None) -> bool:
    """Whether it says that it is signed."""
    return headers is not None and (SIGNATURE_HEADER in headers or SIGNER_HEADER in headers)


def missing(part: Reading, origin: Origin, signers: Signers) -> Reading:
    """The part refused where its sender can sign and did not; what the hub files for an exercise nobody can sign."""
    if isinstance(part, Unreadable) or space_of(part.report.status) is Space.EXERCISE or not signers.can_sign(origin):
        return part
    return replace(part, signature=Problem(code=ProblemCode.SIGNATURE_MISSING, field=SIGNATURE_HEADER))


def check(headers: Mapping[str, str], body: bytes, arrival: Arrival, signers: Signers) -> ReportSignature | Problem:
    """The signature as the record keeps it, or why it does not hold."""
    found = {"signature": headers.get(SIGNATURE_HEADER), "signer": headers.get(SIGNER_HEADER)}
    try:
        detached = Detached.model_validate(found)
    except ValidationError as error:
        missing = next((name for name, value in found.items() if value is None), str(error.errors()[0]["loc"][0]))
        field = SIGNATURE_HEADER if missing == "signature" else SIGNER_HEADER
        return Problem(code=ProblemCode.SIGNATURE_MALFORMED, field=field)
    if (holder := signers.holder(detached.signer, arrival.received_at)) is None:
        return Problem(code=ProblemCode.SIGNATURE_UNKNOWN_KEY, field=SIGNER_HEADER, detail=detached.signer)
    over, text = signed_text(body)
    if not is_signed(detached.signer, text, detached.raw):
        return Problem(code=ProblemCode.SIGNATURE_INVALID, field=SIGNATURE_HEADER, detail=f"over: {over.value}")
    by = Sender(agency=holder.agency, unit=holder.point)
    return ReportSignature(by=by, key=detached.signer, over=over, value=detached.signature)


def beside(part: Reading, signature: ReportSignature | Problem, body: bytes) -> Reading:
    """The part with what was found of its signature; the signed bytes are then kept, in the fact or sealed."""
    if isinstance(part, Unreadable):
        return part
    original = part.original
    if part.withheld is None:
        original = original.model_copy(update={"content": body})
    return replace(part, original=original, signature=signature)
