"""A small OpenID Connect provider: it signs whoever it is told to sign, and otherwise keeps to the protocol."""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT = "phoihop"


@dataclass
class SmallProvider:
    """Everybody who comes is signed in at once as `person`; `sign` makes the token of the claims."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    """What its tokens say beside or instead of the truth."""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    sign: Callable[[dict[str, Any]], str] | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def app(self) -> Starlette:
        """The provider as an application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _describe(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        code = uuid4().hex
        self.asked[code] = dict(request.query_params)
        assert request.query_params["response_type"] == "code"
        assert request.query_params["code_challenge_method"] == "S256"
        there = f"{request.query_params['redirect_uri']}?code={code}&state={request.query_params['state']}"
        return RedirectResponse(there, 302)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.asked.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        truth = {"iss": self.url, "aud": CLIENT, "sub": "somebody", "iat": now, "exp": now + 300}
        claims = truth | {"nonce": asked["nonce"]} | self.person | self.changes
        sign = self.sign or self.signed
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": sign(claims)})

    def signed(self, claims: dict[str, Any]) -> str:
        """As it should be."""
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key, algorithms=["ES256"])
