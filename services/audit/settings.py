"""What the audit is told from outside: where the ledger is, what it is called, where its checkpoints are kept."""

from pathlib import Path

from pydantic import Field

from services.runtime.embedded.local_stack import running_stack
from services.runtime.settings import RuntimeSettings


class AuditSettings(RuntimeSettings):
    """Settings of the audit service and of the ledger's commands."""

    postgres_dsn: str | None = Field(default=None, repr=False)
    """`postgresql://…` of the ledger's database; without it that of the local stack that runs here."""
    ledger_origin: str = Field(default="phoihop.example/hub", pattern=r"^[^\s+\x00-\x1f]+$")
    """What the ledger is called in its checkpoints, and its key: a URL without its scheme, never given twice."""

    @property
    def checkpoints(self) -> Path:
        """Where signed checkpoints are kept, outside the database. Copy them to another machine too."""
        return self.home / "checkpoints"

    @property
    def ledger_key(self) -> Path:
        """The key checkpoints are signed with unless another is named."""
        return self.home / "keys" / "ledger.key"

    @property
    def ledger_trust(self) -> Path:
        """The public halves of every key that signed here, one a line."""
        return self.home / "keys" / "ledger.vkey"

    def dsn(self) -> str:
        """Where the ledger is.

        Raises:
            LedgerAddressUnknownError: neither a setting nor a running local stack tells.
        """
        if self.postgres_dsn:
            return self.postgres_dsn
        if (stack := running_stack(self.home)) and stack.postgres_dsn:
            return stack.postgres_dsn
        raise LedgerAddressUnknownError(f"PHOIHOP_POSTGRES_DSN is not set and no local stack runs in {self.home}.")


class LedgerAddressUnknownError(Exception):
    """Nothing says where the ledger is. Next: set PHOIHOP_POSTGRES_DSN, or phoihop up."""
