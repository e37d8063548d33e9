"""Revision 0004: indexes that grow at their end, and bodies as they are. What is unique stays unique.

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
"""

BODIES: Final = """
-- Compressing a body of 2 to 8 kB takes the server four times as long as everything else about its entry.
CREATE OR REPLACE FUNCTION audit.make_partition(month timestamp) RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    partition text := 'audit.entry_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %s PARTITION OF audit.entry FOR VALUES FROM (%L) TO (%L) '
                   'WITH (toast_tuple_target = 8160)', partition, month || '+00', month + interval '1 month' || '+00');
    PERFORM audit.protect(partition::regclass);
    RETURN true;
EXCEPTION WHEN check_violation THEN
    RETURN false;  -- entry_other holds rows of that month already; there they stay, and the month stays there too
END $$;
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (toast_tuple_target = 8160)', partition);
    END LOOP;
END $$;
RESET ROLE;
-- Planned for what is there, not for what Postgres guesses of an expression it has never counted.
ANALYZE audit.entry;
"""


def upgrade() -> None:
    """Replace the indexes; the caller holds the transaction and has declared maintenance."""
    # asyncpg itself, because SQLAlchemy prepares what it runs and a prepared statement holds one command only
    adapted = cast("AdaptedConnection", op.get_bind().connection.dbapi_connection)
    for script in (INDEXES, BODIES):
        adapted.run_async(partial(_run, script))


async def _run(script: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(script)


def downgrade() -> None:
    """There is no way back: nothing of the ledger is ever dropped by a program."""
    raise RuntimeError("a ledger is never downgraded")
