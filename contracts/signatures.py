"""The optional signature of a report: what exactly is signed, how it travels beside the body, what the record keeps.

It is plain Ed25519 (RFC 8032) by the key under which a unit or desk connects. It holds whoever hands the report in.
"""

import base64
import codecs
from enum import StrEnum
from typing import Annotated, Final, Literal

import rfc8785
from pydantic import Field
from pydantic_core import from_json

from contracts.frozen import Contract
from contracts.identity import PublicKey
from contracts.reports import Sender

SIGNATURE_HEADER: Final = "Phoihop-Signature"
SIGNER_HEADER: Final = "Phoihop-Signer"
SIGNED: Final = b"\xffphoihop report v1\n"
"""How every signed text begins.

The same key answers the challenges of the NATS server, which are UTF-8. No UTF-8 text holds the byte 0xFF, so nobody
can have a report signed by calling it a challenge.
"""

SignatureText = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==$")]
"""Base64 of the 64 bytes."""


class Over(StrEnum):
    """What of the submission is signed."""

    CANONICAL = "canonical"
    """The RFC 8785 bytes of the JSON object: other spacing or another order of its members breaks nothing."""
    BYTES = "bytes"
    """The very bytes, of every other format."""


class Detached(Contract):
    """A signature beside the report it is of: as two headers, or as the JSON of a `.sig` file."""

    signer: PublicKey
    signature: SignatureText

    @property
    def headers(self) -> dict[str, str]:
        """How it travels."""
        return {SIGNATURE_HEADER: self.signature, SIGNER_HEADER: self.signer}

    @property
    def raw(self) -> bytes:
        """The 64 bytes."""
        return base64.b64decode(self.signature)


class ReportSignature(Contract):
    """A signature that intake found true, by a key that was somebody's when the hub received the report."""

    by: Sender
    """The unit or desk that holds the key: where the report is from, whoever handed it in."""
    key: PublicKey
    algorithm: Literal["Ed25519"] = "Ed25519"
    over: Over
    value: SignatureText | None = None
    """None where the signed bytes hold personal values: it is then the sealed value of kind `signature`.

    In clear it would let anybody try guesses, since only the right value makes it true.
    """


def signed_text(body: bytes) -> tuple[Over, bytes]:
    """What is signed of a submission, and the whole text that the signature is over."""
    over, told = _told(body)
    return over, SIGNED + f"{over.value}\n".encode() + told


def _told(body: bytes) -> tuple[Over, bytes]:
    try:
        value = from_json(body.removeprefix(codecs.BOM_UTF8), allow_inf_nan=False)
        if isinstance(value, dict):
            return Over.CANONICAL, rfc8785.dumps(value)
    except ValueError:  # no JSON, or none that RFC 8785 can say exactly
        pass
    return Over.BYTES, body
