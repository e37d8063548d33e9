"""What a trusted proxy says of a request: who was signed in there, from which address, by which scheme. Pure.

Only what comes from loopback is ever believed, and only what a setting names.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from pydantic import ValidationError

from contracts.access import Holder, Role

UNKNOWN: Final = "?"
_SHORT: Final = 2


def from_loopback(scope: Mapping[str, Any]) -> bool:
    """Whether the connection itself comes from this machine."""
    try:
        return ipaddress.ip_address((scope.get("client") or (UNKNOWN,))[0]).is_loopback
    except ValueError:
        return False


def address(scope: Mapping[str, Any], forwarded: str | None) -> str:
    """Who is counted: the connection's address, or the one that our own proxy added last."""
    if forwarded and from_loopback(scope):
        return forwarded.rpartition(",")[2].strip() or UNKNOWN
    return str((scope.get("client") or (UNKNOWN,))[0])


def vouched(text: str, roles: frozenset[Role]) -> Holder | None:
    """Whom a proxy names: `ROLE AGENCY/POINT NAME`, or `AGENCY/UNIT` alone where units come in; None for others."""
    words = text.split()
    if len(words) == 1 and Role.UNIT in roles:
        words = [Role.UNIT.value, *words]
    if len(words) < _SHORT or words[0] not in {role.value for role in Role}:
        return None
    role, rest = Role(words[0]), words[1:]
    pointed = True in role.points and (False not in role.points or "/" in rest[0])
    agency, _, point = rest.pop(0).partition("/") if pointed else ("", "", "")
    name = unquote(" ".join(rest)) or f"{agency}/{point}"
    try:
        holder = Holder(role=role, agency=agency or None, point=point or None, name=name)
    except ValidationError:
        return None
    return holder if role in roles else None
