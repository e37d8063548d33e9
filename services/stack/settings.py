"""What the local stack is told from outside, and the environment its processes inherit."""

import os
from pathlib import Path

from pydantic import Field

from services.runtime.settings import RuntimeSettings


class StackSettings(RuntimeSettings):
    """The shared settings, and which servers are someone else's."""

    postgres_dsn: str | None = Field(default=None, repr=False)
    """Set: this server is used and none is started."""
    time_scale: float = Field(default=1.0, gt=0, le=1)
    """Scales every acknowledgement time that routing gives; below 1 only for demonstrations."""

    nats_log: Path | None = None
    """The log of a nats-server that is not the local stack's: what it refused is counted by it."""

    @property
    def bus_log(self) -> Path:
        """Where the bus tells what it refused."""
        return self.nats_log or self.home / "logs" / "nats.log"

    @property
    def external_nats_url(self) -> str | None:
        """Set: this server is used and none is started. The default address alone does not mean one is there."""
        return self.nats_url if "nats_url" in self.model_fields_set else None

    def apart(self, home: Path, time_scale: float) -> "StackSettings":
        """These settings for a stack of its own: whatever servers they name, it starts its own and touches no other."""
        kept = self.model_dump(include={"reference", "http_host", "http_port"})
        return StackSettings.model_construct(**kept, home=home, time_scale=time_scale)


def inherited_environment() -> dict[str, str]:
    """The environment of this process, for its children."""
    return dict(os.environ)
