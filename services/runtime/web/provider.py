"""Asks one OpenID Connect provider who somebody is, and believes only what it signed for us, for this very sign-in.

Code flow with PKCE and nonce (OpenID Connect Core 1.0, section 3.1; RFC 7636). Whom the claims let in is not here.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.runtime import clock
from services.runtime.secret_files import UnusableSecretError, open_to_others
from services.runtime.web.settings import WebSettings

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

ALGORITHMS: Final = ("ES256", "Ed25519", "RS256", "PS256")
"""Never `none`, and never HS256, which would take the provider's public key for a secret."""
SECONDS: Final = 5.0
_KEPT_SECONDS: Final = 3600.0
_ANEW_SECONDS: Final = 30.0
"""Keys are not asked for more often, however many tokens name one that is unknown."""
_SKEW_SECONDS: Final = 60


class NotVouchedError(Exception):
    """The provider could not be asked, or does not vouch for this sign-in. The text is for the log."""


@dataclass(slots=True)
class _Kept:
    value: Any = None
    since: float = field(default=float("-inf"))


class Provider:
    """The provider that the settings name."""

    def __init__(self, issuer: str, settings: WebSettings) -> None:
        self._issuer = issuer
        self._settings = settings
        self._metadata = _Kept()
        self._keys = _Kept()

    async def address(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in. Raises `NotVouchedError`."""
        address: str = prepare_grant_uri(
            (await self._described())["authorization_endpoint"],
            self._settings.oidc_client_id,
            "code",
            redirect,
            "openid",
            state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def claims(self, redirect: str, code: str, nonce: str, verifier: str) -> dict[str, Any]:
        """What the provider signed about whoever came back with this code. Raises `NotVouchedError`."""
        there = (await self._described())["token_endpoint"]
        secret, client_id = self._settings.oidc_client_secret, self._settings.oidc_client_id
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        try:
            # a public client names itself in the form, one with a secret by it (RFC 6749, sections 2.3.1 and 4.1.3)
            proof = httpx.BasicAuth(quote(client_id), quote(_secret(secret))) if secret else None
            async with httpx.AsyncClient(timeout=SECONDS, auth=proof) as client:
                answer = await client.post(there, data=form if proof else form | {"client_id": client_id})
            text = str(answer.raise_for_status().json()["id_token"])
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            UnusableSecretError,
            OSError,
            ValueError,
            KeyError,
            TypeError,
        ) as error:
            raise NotVouchedError(f"no token of {self._issuer}: {type(error).__name__}") from error
        return await self._verified(text, nonce)

    async def _verified(self, text: str, nonce: str) -> dict[str, Any]:
        """Once more with fresh keys, since a provider may have changed them since."""
        for kept_seconds in (_KEPT_SECONDS, _ANEW_SECONDS):
            try:
                token = jwt.decode(text, await self._signers(kept_seconds), algorithms=list(ALGORITHMS))
                return self._answering(token, nonce)
            except (JoseError, ValueError) as error:
                wrong = error
        raise NotVouchedError(f"{type(wrong).__name__} in a token of {self._issuer}") from wrong

    def _answering(self, token: jwt.Token, nonce: str) -> dict[str, Any]:
        """Its claims, if it is the answer to our question (OpenID Connect Core 1.0, section 3.1.3.7)."""
        client = self._settings.oidc_client_id
        wanted = {"iss": {"value": self._issuer}, "aud": {"value": client}, "nonce": {"essential": True}}
        asked = {"nonce": nonce, "client_id": client}
        CodeIDToken(token.claims, token.header, wanted, asked).validate(clock.now().timestamp(), _SKEW_SECONDS)
        return dict(token.claims)

    async def _signers(self, kept_seconds: float) -> KeySet:
        if clock.monotonic() - self._keys.since > kept_seconds:
            found = await self._asked((await self._described())["jwks_uri"])
            try:
                self._keys = _Kept(KeySet.import_key_set(cast("KeySetSerialization", found)), clock.monotonic())
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise NotVouchedError(f"keys of {self._issuer}: {type(error).__name__}") from error
        keys: KeySet = self._keys.value
        return keys

    async def _described(self) -> dict[str, str]:
        if clock.monotonic() - self._metadata.since > _KEPT_SECONDS:
            found = await self._asked(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self._issuer or not all(isinstance(found.get(one), str) for one in wanted):
                raise NotVouchedError(f"{self._issuer} describes another issuer, or no code flow")
            self._metadata = _Kept(found, clock.monotonic())
        described: dict[str, str] = self._metadata.value
        return described

    async def _asked(self, url: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as client:
                said = (await client.get(url)).raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotVouchedError(f"{url}: {type(error).__name__}") from error
        if not isinstance(said, dict):
            raise NotVouchedError(f"{url}: no JSON object")
        return said


def _secret(path: Path) -> str:
    if open_to_others(path):
        raise UnusableSecretError(f"{path}: others may read this secret; chmod 600")
    return path.read_text(encoding="utf-8").strip()
