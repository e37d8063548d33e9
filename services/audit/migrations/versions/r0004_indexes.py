"""Revision 0004: indexes that grow at their end. Two are replaced, one goes; what is unique stays unique.

No batch ends meanwhile: each index is built in one pass over a month, some seconds for a million entries.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, cast

import asyncpg
from alembic import op
from sqlalchemy import AdaptedConnection

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEXES: Final = """
CLOSE ALL;  -- revision 0002, in the same transaction, leaves its cursor open, and no table in use can be altered
LOCK TABLE audit.entry, audit.position IN SHARE ROW EXCLUSIVE MODE;
SET LOCAL ROLE phoihop_audit_owner;
-- By time first, so that new entries come to the end; it also finds a time, which the BRIN was for.
ALTER TABLE audit.entry ADD CONSTRAINT entry_occurred_at_event_id_key UNIQUE (occurred_at, event_id);
ALTER TABLE audit.entry DROP CONSTRAINT entry_event_id_occurred_at_key;
DROP INDEX audit.entry_occurred_at_idx;
-- By neighbourhood first: the entries of an agency among 2,048 neighbours are one short list at the end of the index.
CREATE INDEX entry_span_agency_idx ON audit.entry ((idx >> 11), agency) WHERE agency IS NOT NULL;
DROP INDEX audit.entry_agency_occurred_at_idx;
RESET ROLE;
-- Planned for what is there, not for what Postgres guesses of an expression it has never counted.
ANALYZE audit.entry;
"""


def upgrade() -> None:
    """Replace the indexes; the caller holds the transaction and has declared maintenance."""
    # asyncpg itself, because SQLAlchemy prepares what it runs and a prepared statement holds one command only
    adapted = cast("AdaptedConnection", op.get_bind().connection.dbapi_connection)
    adapted.run_async(partial(_run, INDEXES))


async def _run(script: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(script)


def downgrade() -> None:
    """There is no way back: nothing of the ledger is ever dropped by a program."""
    raise RuntimeError("a ledger is never downgraded")
