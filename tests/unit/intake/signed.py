"""Two units, keys of fixed seeds, and what the tests of signatures make with them."""

import base64
from typing import Final

import nkeys

from contracts.identity import IdentityChange, IdentityChanged, unit
from contracts.problems import Problem
from contracts.signatures import Detached, ReportSignature, signed_text
from contracts.subjects import Origin
from services.intake.signatures import check
from services.intake.signers import Signers
from tests.unit.intake.samples import ARRIVAL, ORIGIN, RECEIVED_AT, as_json, report

AUTHOR: Final = Origin(ORIGIN.agency, "to-2")
WATCH: Final = Origin(ORIGIN.agency, "truc-ban")
BODY: Final = as_json(report())
SEED: Final = nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER)
OTHER_SEED: Final = nkeys.encode_seed(bytes(range(1, 33)), nkeys.PREFIX_BYTE_USER)


def signed(body: bytes, seed: bytes = SEED) -> Detached:
    pair = nkeys.from_seed(bytearray(seed))
    value = base64.b64encode(pair.sign(signed_text(body)[1])).decode()
    return Detached(signer=bytes(pair.public_key).decode(), signature=value)


KEY: Final = signed(b"").signer
OTHER_KEY: Final = signed(b"", OTHER_SEED).signer


def created(origin: Origin = AUTHOR, key: str = KEY) -> IdentityChanged:
    who = unit(*origin)
    return IdentityChanged(identity=who, change=IdentityChange.CREATED, key=key, by="op", changed_at=RECEIVED_AT)


def signers(*changes: IdentityChanged) -> Signers:
    known = Signers()
    for change in changes or (created(),):
        known.learn(change)
    return known


def checked(detached: Detached, body: bytes, known: Signers | None = None) -> ReportSignature | Problem:
    return check(detached.headers, body, ARRIVAL, known or signers())


def code(found: ReportSignature | Problem) -> str | None:
    return found.code.value if isinstance(found, Problem) else None
