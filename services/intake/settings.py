"""What intake is told from outside."""

from pathlib import Path

from pydantic import Field

from services.runtime.settings import RuntimeSettings


class IntakeSettings(RuntimeSettings):
    """Settings of the intake service."""

    unit_header: str | None = None
    """Name of the HTTP header in which a trusted proxy on loopback names the authenticated unit as `agency/unit`.

    Unset, the HTTP door answers 401: it has no way of its own yet to know who is sending.
    """
    reports_per_minute: int = Field(default=120, gt=0)
    """Above this a unit's updates and situation reports get 429; a first report of an incident never does."""
    body_timeout: float = Field(default=10.0, gt=0)
    """Seconds a client may take to send its body."""
    vault_public: Path | None = None
    """The vault's public key, made by the audit; by default where the audit of the same home puts it."""
    salt_days: int = Field(default=7, ge=1, le=90)
    """For how long a report with personal values that is sent again is known as the same one.

    After that the day's salts cannot be derived any more, by nobody: only then is erasing one of its values complete.
    """

    @property
    def vault_lock(self) -> Path:
        """Where the vault's public key is."""
        return self.vault_public or self.home / "keys" / "vault.pub"

    @property
    def salts(self) -> Path:
        """Where the secrets of the last days lie. Never backed up."""
        return self.home / "keys" / "salts"
