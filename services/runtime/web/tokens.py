"""Mints and reads the signed texts that prove a session or a device to one section; whether it has ended is not here.

Each section has a key of its own, so whoever takes over one section's process can let nobody into another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import Field, ValidationError

from contracts.access import AccessId, Holder
from contracts.frozen import Contract
from services.runtime.web.visitor import Visitor

ALGORITHM: Final = "HS256"
ISSUER: Final = "phoihop"
_LONGEST: Final = 2000


class Kind(StrEnum):
    """What a signed text is for; none stands in for another."""

    SESSION = "session+jwt"
    """In a cookie."""
    DEVICE = "device+jwt"
    """In an Authorization header, a few minutes long."""
    PROVIDER = "provider+jwt"
    """What is remembered while somebody signs in elsewhere."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A visitor whose signature holds."""

    visitor: Visitor
    until: datetime


class _Claims(Contract):
    iss: Literal["phoihop"]
    aud: str
    sub: AccessId
    holder: Holder
    iat: Annotated[int, Field(ge=0)]
    exp: Annotated[int, Field(ge=0, lt=1 << 40)]


class Tokens:
    """The signed texts of one section."""

    def __init__(self, section: str, key: Callable[[], bytes]) -> None:
        self._section = section
        self._key = key

    def mint(self, kind: Kind, visitor: Visitor, now: datetime, lifetime: timedelta) -> str:
        """Proves this visitor for so long. Raises `UnusableSecretError`, `ValueError` for no visitor of ours."""
        claims = _Claims(
            iss=ISSUER,
            aud=self._section,
            sub=visitor.session,
            holder=visitor.holder,
            iat=int(now.timestamp()),
            exp=int((now + lifetime).timestamp()),
        )
        return self.sign(kind, claims.model_dump(mode="json"))

    def read(self, kind: Kind, text: str, now: datetime) -> Proven | None:
        """Who this proves; None for what this section's key did not sign for this use, or what is over."""
        if (said := self.verified(kind, text)) is None:
            return None
        try:
            claims = _Claims.model_validate(said, strict=False)
        except ValidationError:
            return None
        until = datetime.fromtimestamp(claims.exp, UTC)
        if claims.aud != self._section or until <= now:
            return None
        return Proven(Visitor.of(claims.holder, claims.sub), until)

    def sign(self, kind: Kind, claims: dict[str, Any]) -> str:
        """Any claims, for this one use."""
        return jwt.encode({"alg": ALGORITHM, "typ": kind.value}, claims, self._oct, algorithms=[ALGORITHM])

    def verified(self, kind: Kind, text: str) -> dict[str, Any] | None:
        """The claims that this section's key signed for this use, whatever they say."""
        if not text or len(text) > _LONGEST:
            return None
        try:
            token = jwt.decode(text, self._oct, algorithms=[ALGORITHM])
        except (JoseError, ValueError, UnicodeError):
            return None
        return token.claims if token.header.get("typ") == kind.value else None

    @property
    def _oct(self) -> OctKey:
        return OctKey.import_key(self._key())
