"""What a process with pages or an HTTP interface is told from outside about who may come in."""

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from services.runtime.settings import RuntimeSettings

HttpOrigin = Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.:\[\]-]+$")]
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
DEMONSTRATION: Final = "demonstration"
"""The file that only a demonstration leaves in its home, which was empty before."""


class WebSettings(RuntimeSettings):
    """Settings of everything that is reached over HTTP."""

    public_origin: HttpOrigin | None = None
    """How browsers reach all sections, such as `https://phoihop.example.vn`; unset, what each request says."""
    behind_proxy: bool = False
    """A proxy on loopback is believed the address and the scheme it was reached by (X-Forwarded-For, -Proto)."""
    visitor_header: str | None = None
    """Name of the HTTP header in which a trusted proxy on loopback names who it has signed in.

    `officer AGENCY/DESK NAME`, `unit AGENCY/UNIT`, `auditor NAME`; the name percent-encoded. The proxy must remove the
    header from what clients send: whoever reaches this port past the proxy is believed.
    """
    web_keys: Path | None = None
    """Folder of the keys that sign sessions, one file for each section; by default below `home`."""
    session_hours: float = Field(default=12.0, gt=0, le=24)
    """How long somebody stays signed in."""
    token_minutes: float = Field(default=15.0, gt=0, le=60)
    """How long a device's token lasts; the device then asks for another."""
    requests_per_minute: int = Field(default=1200, gt=0)
    """Of one session, or of one address where nobody is signed in; more get 429."""
    tries_per_minute: int = Field(default=10, gt=0)
    """Of one address: codes, credentials and sign-ins; more get 429."""
    body_timeout: float = Field(default=10.0, gt=0)
    """Seconds a client may take to send its body."""
    oidc_issuer: str | None = None
    """Issuer of an OpenID Connect provider; officers and others of the hub can then sign in there."""
    oidc_client_id: str = "phoihop"
    """What the provider knows us by."""
    oidc_client_secret: Path | None = None
    """File with the client's secret, for its owner only; unset for a public client."""
    oidc_role_claim: str = "phoihop_role"
    """Claim with the role: officer, auditor, owner or operator."""
    oidc_desk_claim: str = "phoihop_desk"
    """Claim with an officer's desk, `AGENCY/DESK`."""
    oidc_name_claim: str = "phoihop_duty"
    """Claim with the name of the duty role."""
    development_logins: bool = False
    """Sign in by picking a name. Only the demonstration sets it, and only its home on loopback takes it."""

    @model_validator(mode="after")
    def _development_logins_stay_at_home(self) -> "WebSettings":
        outside = self.public_origin or self.behind_proxy or self.http_host not in LOOPBACK
        if self.development_logins and (outside or not (self.home / DEMONSTRATION).exists()):
            raise ValueError("development logins are for the demonstration alone: unset PHOIHOP_DEVELOPMENT_LOGINS")
        return self

    @model_validator(mode="after")
    def _a_provider_is_reached_safely(self) -> "WebSettings":
        if self.oidc_issuer is None:
            return self
        issuer = urlsplit(self.oidc_issuer)
        if self.public_origin is None:
            raise ValueError("oidc_issuer needs public_origin, to which the provider sends people back")
        if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
            raise ValueError("oidc_issuer must begin with https://")
        return self

    @property
    def trusted_header(self) -> str | None:
        """The header in which somebody trusted names who sends, if there is one."""
        return self.visitor_header

    def section_key(self, section: str) -> Path:
        """Where the key of one section is; made by the first process that needs it."""
        return (self.web_keys or self.home / "keys") / f"web-{section}.key"
