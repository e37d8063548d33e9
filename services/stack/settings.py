"""What the local stack is told from outside, and the environment its processes inherit."""

import os

from pydantic import Field

from services.runtime.settings import RuntimeSettings


class StackSettings(RuntimeSettings):
    """The shared settings, and which servers are someone else's."""

    postgres_dsn: str | None = Field(default=None, repr=False)
    """Set: this server is used and none is started."""

    @property
    def external_nats_url(self) -> str | None:
        """Set: this server is used and none is started. The default address alone does not mean one is there."""
        return self.nats_url if "nats_url" in self.model_fields_set else None


def inherited_environment() -> dict[str, str]:
    """The environment of this process, for its children."""
    return dict(os.environ)
