"""What the audit is told from outside: where the ledger is, what it is called, where its checkpoints are kept."""

from pathlib import Path

from pydantic import Field

from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.key_files import LogKeys
from services.audit.personal.vault_keys import VaultKeys
from services.audit.tlog.policies import Policy, read_policy
from services.runtime.embedded.local_stack import running_stack
from services.runtime.settings import RuntimeSettings
from services.runtime.web.settings import WebSettings


class AuditSettings(RuntimeSettings):
    """Settings of the audit service and of the ledger's commands."""

    postgres_dsn: str | None = Field(default=None, repr=False)
    """`postgresql://…` of the ledger's database; without it that of the local stack that runs here."""
    ledger_origin: str = Field(default="phoihop.example/hub", pattern=r"^[^\s+\x00-\x1f]+$")
    """What the ledger is called in its checkpoints, and its key: a URL without its scheme, never given twice."""

    ledger_key_file: Path | None = None
    """The key checkpoints are signed with; without it one in the home. Only its owner may read it."""
    ledger_policy: Path | None = None
    """c2sp.org/tlog-policy: which witnesses cosign, where they are, how many are enough; without it one in the home."""
    checkpoint_entries: int = Field(default=1000, ge=1)
    """A checkpoint is made after as many new entries …"""
    checkpoint_seconds: float = Field(default=10.0, gt=0)
    """… or after this long, if there is anything new."""
    auditor: str | None = Field(default=None, min_length=1, max_length=200)
    """Post and body of who reads the record here, as the deployment names them; recorded with each reading."""

    @property
    def checkpoints(self) -> Path:
        """Where signed checkpoints are kept, outside the database. Copy them to another machine too."""
        return self.home / "checkpoints"

    @property
    def ledger_key(self) -> Path:
        """The key checkpoints are signed with unless another is named."""
        return self.ledger_key_file or self.home / "keys" / "ledger.key"

    @property
    def ledger_trust(self) -> Path:
        """The public half of the first key that signed here; its successors follow from their announcements."""
        return self.home / "keys" / "ledger.vkey"

    @property
    def vault_key(self) -> Path:
        """What intake seals personal values to. It opens only what is on its way; never backed up."""
        return self.home / "keys" / "vault.key"

    @property
    def vault_public(self) -> Path:
        """Its public half. Copy it to where intake runs."""
        return self.home / "keys" / "vault.pub"

    @property
    def personal_keys(self) -> Path:
        """One key per report with personal values, outside the database and apart from its backups."""
        return self.home / "keys" / "personal"

    @property
    def alarms(self) -> Path:
        """Where the evidence of contradictions is put."""
        return self.home / "alarms"

    @property
    def readings(self) -> Path:
        """Where readings wait that the hub does not hold yet."""
        return self.home / "readings"

    def log_keys(self, key: Path | None = None) -> LogKeys:
        """Where the keys and the checkpoints of this ledger lie; `key` names another signing key."""
        return LogKeys(self.ledger_origin, key or self.ledger_key, self.ledger_trust, self.checkpoints)

    def vault_keys(self) -> VaultKeys:
        """The vault's private keys, with the public half beside them."""
        return VaultKeys(self.vault_key, self.vault_public)

    def policy(self) -> Policy:
        """Which witnesses count; none where there is no file. Raises `UnusableFileError`."""
        path = self.ledger_policy or self.home / "keys" / "witnesses.policy"
        if not path.exists() and self.ledger_policy is None:
            return Policy()
        try:
            return read_policy(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnusableFileError(f"{path}: {error}") from error

    def bus_url(self) -> str | None:
        """Where NATS is, if somebody said so or a local stack runs; the default address alone says nothing."""
        if "nats_url" in self.model_fields_set:
            return self.nats_url
        return stack.nats_url if (stack := running_stack(self.home)) else None

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


class ReviewSettings(AuditSettings, WebSettings):
    """Settings of the auditors' pages: the ledger as its reader sees it, and who may come in."""


class LedgerAddressUnknownError(Exception):
    """Nothing says where the ledger is. Next: set PHOIHOP_POSTGRES_DSN, or phoihop up."""
