"""What the audit is told from outside: where the ledger is."""

from pydantic import Field

from services.runtime.embedded.local_stack import running_stack
from services.runtime.settings import RuntimeSettings


class AuditSettings(RuntimeSettings):
    """Settings of the audit service and of the ledger's commands."""

    postgres_dsn: str | None = Field(default=None, repr=False)
    """`postgresql://…` of the ledger's database; without it that of the local stack that runs here."""

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
