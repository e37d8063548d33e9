"""What intake is told from outside."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from services.runtime.web.settings import WebSettings


class IntakeSettings(WebSettings):
    """Settings of the intake service."""

    unit_header: str | None = None
    """Name of the HTTP header in which a trusted proxy on loopback names the authenticated unit as `agency/unit`.

    As `visitor_header`, which names anybody. Unset, units prove themselves with a session or as an enrolled device.
    """
    reports_per_minute: int = Field(default=120, gt=0)
    """Above this a unit's updates and situation reports get 429; a first report of an incident never does."""
    attachments_mb: int = Field(default=128, gt=0, le=2048)
    """Megabytes that the photographs of one agency may take; beyond, its units keep theirs on their phones."""
    attachment_timeout: float = Field(default=120.0, gt=0)
    """Seconds a unit may take to send one photograph: two megabytes over a bad line."""
    vault_public: Path | None = None
    """The vault's public key, made by the audit; by default where the audit of the same home puts it."""
    salt_days: int = Field(default=7, ge=1, le=90)
    """For how long a report with personal values that is sent again is known as the same one.

    After that the day's salts cannot be derived any more, by nobody: only then is erasing one of its values complete.
    """

    boundaries: Path | None = None
    """GeoJSON file with the boundaries that phones point at; without one the page has no map. None is shipped."""
    signatures: Literal["optional", "required"] = "optional"
    """`required`: a unit or desk that has a key on record must sign what it reports, over HTTP too; exercises excepted.

    Whoever has no key, as most who report over HTTP, is not asked for one.
    """

    @property
    def trusted_header(self) -> str | None:
        """The header in which somebody trusted names who sends, if there is one."""
        return self.unit_header or self.visitor_header

    @property
    def vault_lock(self) -> Path:
        """Where the vault's public key is."""
        return self.vault_public or self.home / "keys" / "vault.pub"

    @property
    def salts(self) -> Path:
        """Where the secrets of the last days lie. Never backed up."""
        return self.home / "keys" / "salts"
