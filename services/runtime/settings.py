"""What a process is told from outside, parsed strictly: `PHOIHOP_*` variables or files of a secrets folder."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class RuntimeSettings(BaseSettings):
    """Settings every service and command shares."""

    model_config = SettingsConfigDict(env_prefix="PHOIHOP_", frozen=True, extra="forbid")

    nats_url: str = "nats://127.0.0.1:4222"
    """Of a cluster all servers, separated by commas."""
    replicas: int = Field(default=1, ge=1, le=5)
    """On how many servers of a cluster every stream is kept."""
    nats_creds: Path | None = None
    """File with the seed of an nkey, or credentials with a JWT, by which this program proves who it is to NATS."""
    instance: str | None = Field(default=None, pattern=r"^[a-z0-9-]{1,32}$")
    """The name of this one among several instances of the same service, of which one works and the others stand by."""
    home: Path = Path(".phoihop")
    """State of the local stack."""
    reference: Path = Path("deploy/reference")
    """Folder with the register and the regulation set."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    http_cert: Path | None = None
    """Certificate of the HTTP door, its chain after it: the door then speaks TLS 1.3 and nothing else."""
    http_key: Path | None = None
    """That certificate's key, in a file for its owner only."""
    header_timeout: float = Field(default=10.0, gt=0)
    """Seconds a client may take from its connection, or from a next request's first byte, to the end of its headers."""
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    most_waiting: int | None = Field(default=None, gt=0)
    """Readiness turns red when more messages than this wait for one consumer; unset, only when none is handled."""
    graceful_timeout: float = Field(default=20.0, gt=0, le=28)
    """Seconds to finish work in hand after SIGTERM; must stay below the consumers' ack_wait of 30 s."""

    @property
    def nats_servers(self) -> list[str]:
        """Each server of the bus by itself."""
        return servers(self.nats_url)

    @model_validator(mode="after")
    def _certificate_with_its_key(self) -> "RuntimeSettings":
        if (self.http_cert is None) != (self.http_key is None):
            raise ValueError("http_cert and http_key belong together")
        return self


def servers(nats_url: str) -> list[str]:
    """Each server that an address names."""
    return [one.strip() for one in nats_url.split(",")]


def handed_over_folder() -> Path | None:
    """Where systemd lays the files of `LoadCredential=` for this process alone; None where it is not a unit."""
    said = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(said) if said else None


def ping_seconds(named: Sequence[str]) -> int:
    """How often to ask whether the server is there, twice in vain at most.

    Where there is another to go to, a link that was cut without a word must not keep us for half a minute.
    """
    return 10 if len(named) == 1 else 2


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The service manager that started this process, as sd_notify(3) has it."""

    socket: str
    watchdog_seconds: float | None
    """So often it must be told that the process is well; None where it does not ask."""


def service_manager() -> ServiceManager | None:
    """Who is to be told how this process is; None where nobody asks."""
    socket = os.environ.get("NOTIFY_SOCKET")
    if not socket:
        return None
    asked, whom = os.environ.get("WATCHDOG_USEC"), os.environ.get("WATCHDOG_PID")
    mine = whom is None or whom == str(os.getpid())
    return ServiceManager(socket, int(asked) / 1e6 if asked and mine else None)
