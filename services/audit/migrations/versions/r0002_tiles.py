"""Revision 0002: the roots of full tiles, filled for what is recorded already, and guarded like the other tables.

The list of guarded tables is now in one place of the guard, for later revisions to replace.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, cast

import asyncpg
from alembic import op
from sqlalchemy import AdaptedConnection

from services.audit.tlog.merkle import CompactRange
from services.audit.tlog.tiles import full_tiles

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHUNK: Final = 10_000

TABLE: Final = """
LOCK TABLE audit.position IN SHARE ROW EXCLUSIVE MODE;  -- no batch ends while tiles are filled
SET LOCAL ROLE phoihop_audit_owner;
CREATE TABLE audit.tile (
    level smallint NOT NULL CONSTRAINT tile_level_check CHECK (level BETWEEN 0 AND 6),
    index bigint NOT NULL CONSTRAINT tile_index_check CHECK (index >= 0),
    root bytea NOT NULL CONSTRAINT tile_root_check CHECK (octet_length(root) = 32),
    CONSTRAINT tile_pkey PRIMARY KEY (level, index)
);
SELECT audit.protect('audit.tile');
GRANT INSERT ON audit.tile TO phoihop_audit_writer;
GRANT SELECT ON audit.tile TO phoihop_audit_reader;
RESET ROLE;
"""

DDL_GUARD: Final = r"""
CREATE OR REPLACE FUNCTION audit.refuse_ddl() RETURNS event_trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ledger constant regclass := to_regclass('audit.entry');
    tables constant regclass[] := ARRAY[ledger, to_regclass('audit.position'), to_regclass('audit.tile')];
    refused text;
BEGIN
    IF coalesce(current_setting('phoihop.maintenance', true), '') <> '' THEN
        RETURN;
    END IF;
    IF array_position(tables, NULL) IS NOT NULL THEN  -- the command has just renamed or moved one, or their schema
        RAISE EXCEPTION 'the ledger is append-only: % refused', tg_tag USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT c.command_tag || coalesce(' ' || c.object_identity, '') INTO refused
    FROM pg_event_trigger_ddl_commands() AS c
    WHERE c.command_tag IN ('GRANT', 'REVOKE', 'ALTER DEFAULT PRIVILEGES')
       OR (c.command_tag <> 'REINDEX'
           AND (c.schema_name = 'audit' OR c.object_identity ~ '(^| on )audit(\.|$)'
                OR c.objid = ANY (tables)
                OR c.objid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = ledger)))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the ledger is append-only: % refused', refused
            USING ERRCODE = 'insufficient_privilege', HINT = 'Maintenance is declared by phoihop.maintenance.';
    END IF;
END $$;
"""


def upgrade() -> None:
    """Make and fill the table; the caller holds the transaction and has declared maintenance."""
    # asyncpg itself, because SQLAlchemy prepares what it runs and a prepared statement holds one command only
    adapted = cast("AdaptedConnection", op.get_bind().connection.dbapi_connection)
    for script in (TABLE, DDL_GUARD):
        adapted.run_async(partial(_run, script))
    adapted.run_async(_fill)


async def _run(script: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(script)


async def _fill(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The tiles of every entry up to the first that is missing: what follows a hole, verification names."""
    tree = CompactRange()
    cursor = await connection.cursor("SELECT idx, leaf_hash FROM audit.entry ORDER BY idx")
    while rows := await cursor.fetch(CHUNK):
        leaves = [leaf for place, (idx, leaf) in enumerate(rows, tree.size) if idx == place]
        tree, completed = tree.grow(leaves)
        tiles = [(tile.level, tile.index, tile.root) for tile in full_tiles(completed)]
        await connection.executemany("INSERT INTO audit.tile VALUES ($1, $2, $3)", tiles)
        if len(leaves) < len(rows):
            return


def downgrade() -> None:
    """There is no way back: nothing of the ledger is ever dropped by a program."""
    raise RuntimeError("a ledger is never downgraded")
