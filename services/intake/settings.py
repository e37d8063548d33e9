"""What intake is told from outside."""

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
