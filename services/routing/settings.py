"""What routing is told from outside."""

from pathlib import Path

from pydantic import Field

from contracts.presence import OFFLINE_AFTER
from services.runtime.settings import RuntimeSettings
from services.runtime.web.settings import WebSettings


class RoutingSettings(RuntimeSettings):
    """Settings of the routing service."""

    sweep_seconds: float = Field(default=5.0, gt=0)
    """How often overdue obligations are looked for beside the scheduled messages."""
    time_scale: float = Field(default=1.0, gt=0, le=1)
    """Scales every acknowledgement time; below 1 only for demonstrations, and `status` says so."""
    offline_seconds: float = Field(default=OFFLINE_AFTER.total_seconds(), gt=0)
    """So long after its last sign of life, sent every 15 seconds, a desk counts as offline."""
    boundaries: Path | None = None
    """A GeoJSON file with the boundaries of communes, for reports that name only a position; none is shipped."""


class RegulationsSettings(RoutingSettings, WebSettings):
    """Settings of the pages about regulations."""

    drafts: Path | None = None
    """Folder with one folder for each draft of a set; by default `HOME/drafts`."""
    owner_keys: Path | None = None
    """Folder with keys of approvers who act through these pages; by default where the local stack keeps keys."""

    @property
    def drafts_folder(self) -> Path:
        """Where drafts are looked for."""
        return self.drafts or self.home / "drafts"
