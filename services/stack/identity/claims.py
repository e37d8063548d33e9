"""Says the accounts of the bus as signed claims (JWT, version 2 of NATS), from the same scheme as the written accounts.

Pure: who signs, and when it is, is given.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.stack.identity.scheme import CORE, Account, Crossing, Limits, User

VERSION: Final = 2
UNLIMITED: Final = -1
_ANSWERS: Final = {"max": 1, "ttl": 60_000_000_000}
"""One answer to a request, within a minute, said in nanoseconds."""
_STORAGE: Final = (
    *("mem_storage", "disk_storage", "streams", "consumer"),
    *("max_ack_pending", "mem_max_stream_bytes", "disk_max_stream_bytes"),
)

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose word it is."""

    key: str
    """Public."""
    sign: Callable[[bytes], bytes]


def token(signer: Signer, subject: str, claims: Claims, at: datetime, until: datetime | None = None) -> str:
    """The claims about a key, signed; `until` ends them for every server that reads them."""
    about: Claims = {"iat": int(at.timestamp()), "iss": signer.key, "sub": subject, **claims}
    if until is not None:
        about["exp"] = int(until.timestamp())
    about["jti"] = base64.b32encode(hashlib.sha256(_bytes(about)).digest()).decode().rstrip("=")
    text = b".".join(_encoded(_bytes(part)) for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, about))
    return b".".join((text, _encoded(signer.sign(text)))).decode()


def operator(system_account: str) -> Claims:
    """Of the hub as a whole."""
    nats = {"type": "operator", "version": VERSION, "system_account": system_account}
    return {"name": "phoihop", "nats": nats}


def account(one: Account, keys: Mapping[str, str], ended: Mapping[str, datetime]) -> Claims:
    """Of one account; `keys` are the accounts' own, `ended` those of users whose earlier claims hold no more."""
    nats: Claims = {
        "type": "account",
        "version": VERSION,
        "limits": _limits(one.limits, jetstream=one.jetstream),
        "exports": [_offer(offer) for offer in one.offers],
        "imports": [_take(take, keys[CORE]) for take in one.takes],
        "default_permissions": {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}},
        "revocations": {key: int(at.timestamp()) for key, at in sorted(ended.items())},
    }
    return {"name": one.name, "nats": nats}


def user(one: User, limits: Limits) -> Claims:
    """Of somebody who connects: the subjects of the work, and what one connection may take."""
    nats: Claims = {
        "type": "user",
        "version": VERSION,
        "pub": _allowed(one.grant.publish),
        "sub": _allowed(one.subscribe),
        "subs": _or_unlimited(limits.subscriptions),
        "data": UNLIMITED,
        "payload": _or_unlimited(limits.payload),
        "allowed_connection_types": ["STANDARD"],
    }
    return {"name": one.name, "nats": nats | ({"resp": _ANSWERS} if one.grant.answers else {})}


def _limits(limits: Limits, *, jetstream: bool) -> Claims:
    return {
        "conn": _or_unlimited(limits.connections),
        "subs": _or_unlimited(limits.subscriptions),
        "payload": _or_unlimited(limits.payload),
        "data": UNLIMITED,
        "imports": UNLIMITED,
        "exports": UNLIMITED,
        "wildcards": True,
        "leaf": 0,
        **dict.fromkeys(_STORAGE, UNLIMITED if jetstream else 0),
    }


def _or_unlimited(limit: int | None) -> int:
    return UNLIMITED if limit is None else limit


def _allowed(subjects: tuple[str, ...]) -> Claims:
    return {"allow": sorted(set(subjects))} if subjects else {"deny": [">"]}


def _offer(offer: Crossing) -> Claims:
    answers = {"response_type": "Stream" if offer.many else "Singleton"} if offer.kind == "service" else {}
    return {"name": offer.subject, "subject": offer.subject, "type": offer.kind, **answers}


def _take(take: Crossing, core: str) -> Claims:
    return {"name": take.subject, "subject": take.subject, "account": core, "type": take.kind}


def _bytes(content: Claims) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
