"""Says a configuration whose accounts are signed claims (JWT) as if they were written out: one table judges both.

What is not signed by whom it must be, or lets others sign, is a breach of its own. Pure: no file is read here.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.runtime.signing import is_signed
from services.stack.strictness.promises import Breach, Promise
from services.stack.strictness.server_file import Value, block, named

Claims = Mapping[str, Any]
_NOTHING: Final[dict[str, Value]] = {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}}
_RESOLVERS: Final = {"full", "memory"}


@dataclass(slots=True)
class Written:
    """The configuration in written form, and what was wrong with the signed one."""

    settings: dict[str, Value]
    breaches: list[Breach] = field(default_factory=list)


def is_operated(settings: Mapping[str, Value]) -> bool:
    """Whether this server is told by JWT who may connect."""
    return isinstance(named(settings, "operator"), str)


def as_written(settings: Mapping[str, Value], stored: Iterable[str], users: Iterable[str]) -> Written:
    """`stored` are accounts that a running server was told of, newer than the file; `users` what signed files say."""
    rest = {name: value for name, value in settings.items() if name.lower() not in {"operator", "system_account"}}
    made = Written(rest)
    operator = _read(str(named(settings, "operator")), "operator", made)
    root = str(operator.get("sub", ""))
    if operator and (operator.get("iss") != root or operator["nats"].get("signing_keys")):
        made.breaches.append(Breach(Promise.NKEYS, "operator: signing_keys"))
    made.breaches += _resolver(block(settings, "resolver"))
    preloaded = [text for text in block(settings, "resolver_preload").values() if isinstance(text, str)]
    found = {one["sub"]: one for text in (*preloaded, *stored) if (one := _account(text, root, made))}
    names = {key: str(one.get("name")) for key, one in found.items()}
    by_account: dict[str, list[Value]] = {key: [] for key in found}
    for text in users:
        one = _read(text, "user", made)
        if one.get("iss") not in found:
            made.breaches.append(Breach(Promise.NKEYS, f"{one.get('name', '?')}: signed by no account of this hub"))
        elif user := _user(one, made):
            by_account[one["iss"]].append(user)
    made.settings["accounts"] = {names[key]: _said(one, names, by_account[key]) for key, one in found.items()}
    made.settings["system_account"] = names.get(str(named(settings, "system_account")), "")
    return made


def _resolver(told: Mapping[str, Value]) -> Iterator[Breach]:
    """Accounts come from this server's own folder, and nobody may delete one there."""
    if str(named(told, "type") or "").lower() not in _RESOLVERS or named(told, "allow_delete") is True:
        yield Breach(Promise.NKEYS, "resolver")


def _account(text: str, root: str, made: Written) -> Claims:
    one = _read(text, "account", made)
    name = one.get("name", "?")
    if one and one.get("iss") != root:
        made.breaches.append(Breach(Promise.NKEYS, f"{name}: not signed by the operator"))
        return {}
    if one and one["nats"].get("signing_keys"):
        made.breaches.append(Breach(Promise.NKEYS, f"{name}: signing_keys"))
    if one and one["nats"].get("default_permissions") != _NOTHING:
        made.breaches.append(Breach(Promise.PERMISSIONS, f"{name}: default_permissions"))
    return one


def _user(one: Claims, made: Written) -> dict[str, Value]:
    nats, name = one["nats"], one.get("name", "?")
    if nats.get("bearer_token"):
        made.breaches.append(Breach(Promise.NKEYS, f"{name}: bearer_token"))
    if "exp" not in one:
        made.breaches.append(Breach(Promise.NKEYS, f"{name}: never ends"))
    said: dict[str, Value] = {
        way: nats.get(short) or _NOTHING[short] for way, short in (("publish", "pub"), ("subscribe", "sub"))
    }
    answers: dict[str, Value] = {"allow_responses": True} if nats.get("resp") else {}
    return {"nkey": str(one["sub"]), "permissions": {**said, **answers}}


def _said(one: Claims, names: Mapping[str, str], users: list[Value]) -> Value:
    nats = one["nats"]
    limits = nats.get("limits") or {}
    exports: list[Value] = [{offer["type"]: offer["subject"]} for offer in nats.get("exports") or ()]
    imports: list[Value] = [
        {take["type"]: {"account": names.get(take["account"], take["account"]), "subject": take["subject"]}}
        for take in nats.get("imports") or ()
    ]
    stores = any(limits.get(kind, 0) for kind in ("mem_storage", "disk_storage"))
    taken = (("max_connections", "conn"), ("max_subscriptions", "subs"), ("max_payload", "payload"))
    return {
        "users": users,
        "exports": exports,
        "imports": imports,
        "limits": {name: limits[short] for name, short in taken if short in limits},
        **({"jetstream": "enabled"} if stores else {}),
    }


def _read(text: str, kind: str, made: Written) -> Claims:
    """The claims, if whoever they say signed them did; else empty, which is a breach."""
    try:
        signed, _, signature = text.rpartition(".")
        claims = json.loads(_decoded(signed.split(".")[1]))
        true = is_signed(claims["iss"], signed.encode(), _decoded(signature))
        if true and claims["nats"]["type"] == kind:
            return dict(claims)
    except (ValueError, KeyError, IndexError, TypeError):
        pass
    made.breaches.append(Breach(Promise.NKEYS, f"{kind}: claims that nobody signed as they stand"))
    return {}


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
