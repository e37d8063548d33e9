"""Revision 0005: months are those of Việt Nam, as auditors count them; one that holds entries stays as it was made.

Only months that nothing was recorded in yet are made anew, so nothing moves and nothing of the record is touched.
"""

from collections.abc import Sequence
from typing import Final, cast

import asyncpg
from alembic import op
from sqlalchemy import AdaptedConnection

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

MONTHS: Final = """
LOCK TABLE audit.entry, audit.position IN ACCESS EXCLUSIVE MODE;
SET LOCAL ROLE phoihop_audit_owner;
-- Without names of time zones: a server may lack them, and Việt Nam has had this one offset since 1975.
CREATE OR REPLACE FUNCTION audit.make_partition(month timestamp) RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    partition text := 'audit.entry_' || to_char(month, 'YYYY_MM');
    made text := format('CREATE TABLE %s PARTITION OF audit.entry FOR VALUES FROM (%%L) TO (%L) '
                        'WITH (toast_tuple_target = 8160)', partition, month + interval '1 month' || '+07');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    BEGIN
        EXECUTE format(made, month || '+07');
    EXCEPTION WHEN invalid_object_definition THEN
        EXECUTE format(made, month || '+00');  -- the month before was made by universal time, and ends there
    END;
    PERFORM audit.protect(partition::regclass);
    RETURN true;
EXCEPTION WHEN check_violation THEN
    RETURN false;  -- entry_other holds rows of that month already; there they stay, and the month stays there too
END $$;
CREATE OR REPLACE FUNCTION audit.make_partitions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    declared text := coalesce(current_setting('phoihop.maintenance', true), '');
    made integer;
BEGIN
    PERFORM set_config('phoihop.maintenance', 'partitions', true);
    SELECT count(*) FILTER (WHERE audit.make_partition(date_trunc('month', now() AT TIME ZONE interval '7 hours')
                                                       + make_interval(months => step)))
    INTO made FROM generate_series(-1, 3) AS step;
    PERFORM set_config('phoihop.maintenance', declared, true);
    RETURN made;
END $$;
-- The newest months as long as they are empty; the first that is not ends it.
DO $$
DECLARE
    partition regclass;
    holds boolean;
BEGIN
    FOR partition IN
        SELECT c.oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'audit.entry'::regclass AND c.relname ~ '^entry_\\d{4,}_\\d\\d$'
        ORDER BY length(c.relname) DESC, c.relname DESC
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', partition) INTO holds;
        EXIT WHEN holds;
        EXECUTE format('DROP TABLE %s', partition);
    END LOOP;
END $$;
SELECT audit.make_partitions();
RESET ROLE;
"""


def upgrade() -> None:
    """Make the empty months anew; the caller holds the transaction and has declared maintenance."""
    # asyncpg itself, because SQLAlchemy prepares what it runs and a prepared statement holds one command only
    adapted = cast("AdaptedConnection", op.get_bind().connection.dbapi_connection)
    adapted.run_async(_run)


async def _run(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(MONTHS)


def downgrade() -> None:
    """There is no way back: nothing of the ledger is ever dropped by a program."""
    raise RuntimeError("a ledger is never downgraded")
