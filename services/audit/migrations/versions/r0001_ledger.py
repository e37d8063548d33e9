"""Revision 0001: roles, the partitioned ledger, its positions, and the guards that refuse to change the past.

Roles belong to the whole server, everything else to one database, which should hold nothing but the ledger: while no
maintenance is declared (`SET LOCAL phoihop.maintenance = '…'`), GRANT, REVOKE, DROP SCHEMA, DROP FUNCTION and DROP
OWNED are refused anywhere in it. The guards prevent accidents; a superuser can switch them off, and that is what
`phoihop ledger verify` finds.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, cast

import asyncpg
from alembic import op
from sqlalchemy import AdaptedConnection

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ROLES: Final = """
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;  -- shared by all databases: one migration at a time
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['phoihop_audit_owner', 'phoihop_audit_writer', 'phoihop_audit_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted);
        END IF;
    END LOOP;
END $$;
ALTER SCHEMA audit OWNER TO phoihop_audit_owner;
REVOKE ALL ON SCHEMA audit FROM PUBLIC;
SET LOCAL ROLE phoihop_audit_owner;
"""

TABLES: Final = """
CREATE TABLE audit.entry (
    idx bigint NOT NULL CONSTRAINT entry_idx_check CHECK (idx >= 0),
    stream_seq bigint NOT NULL CONSTRAINT entry_stream_seq_check CHECK (stream_seq > 0),
    occurred_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    incident_id uuid,
    event_type text NOT NULL,
    agency text,
    subject text NOT NULL,
    leaf_hash bytea NOT NULL CONSTRAINT entry_leaf_hash_check CHECK (octet_length(leaf_hash) = 32),
    body bytea NOT NULL,
    CONSTRAINT entry_pkey PRIMARY KEY (idx, occurred_at),
    CONSTRAINT entry_event_id_occurred_at_key UNIQUE (event_id, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX entry_incident_id_idx ON audit.entry (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX entry_agency_occurred_at_idx ON audit.entry (agency, occurred_at) WHERE agency IS NOT NULL;
CREATE INDEX entry_occurred_at_idx ON audit.entry USING brin (occurred_at);

-- Takes what no month was made for, so that no time in an event can stop the record. It also makes Postgres refuse
-- DETACH PARTITION CONCURRENTLY, which would commit before a guard could object.
CREATE TABLE audit.entry_other PARTITION OF audit.entry DEFAULT;

CREATE TABLE audit.position (
    first_idx bigint NOT NULL CONSTRAINT position_pkey PRIMARY KEY,
    size bigint NOT NULL CONSTRAINT position_size_key UNIQUE,
    stream_seq bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    root bytea NOT NULL CONSTRAINT position_root_check CHECK (octet_length(root) = 32),
    nodes bytea NOT NULL
        CONSTRAINT position_nodes_check CHECK (octet_length(nodes) > 0 AND octet_length(nodes) % 32 = 0),
    CONSTRAINT position_size_check CHECK (first_idx >= 0 AND size > first_idx)
);
"""

APPEND_ONLY: Final = """
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Statement triggers cost an INSERT nothing, but a partition does not inherit them: every table gets its own. ALWAYS,
-- because session_replication_role = replica would pass an ordinary trigger.
CREATE FUNCTION audit.protect(ledger_table regclass) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', ledger_table);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', ledger_table);
END $$;

SELECT audit.protect('audit.entry'), audit.protect('audit.entry_other'), audit.protect('audit.position');
"""

PARTITIONS: Final = """
CREATE FUNCTION audit.make_partition(month timestamp) RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    partition text := 'audit.entry_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %s PARTITION OF audit.entry FOR VALUES FROM (%L) TO (%L)',
                   partition, month || '+00', month + interval '1 month' || '+00');
    PERFORM audit.protect(partition::regclass);
    RETURN true;
EXCEPTION WHEN check_violation THEN
    RETURN false;  -- entry_other holds rows of that month already; there they stay, and the month stays there too
END $$;

-- The writer may call this one: last month to three months ahead by the server's clock, nothing to choose. A reader
-- that holds the table for hours makes it give up after two seconds instead of blocking the record.
CREATE FUNCTION audit.make_partitions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    declared text := coalesce(current_setting('phoihop.maintenance', true), '');
    made integer;
BEGIN
    PERFORM set_config('phoihop.maintenance', 'partitions', true);
    SELECT count(*) FILTER (WHERE audit.make_partition(date_trunc('month', now() AT TIME ZONE 'UTC')
                                                       + make_interval(months => step)))
    INTO made FROM generate_series(-1, 3) AS step;
    PERFORM set_config('phoihop.maintenance', declared, true);
    RETURN made;
END $$;
SELECT audit.make_partitions();
"""

GRANTS: Final = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
GRANT USAGE ON SCHEMA audit TO phoihop_audit_writer, phoihop_audit_reader;

GRANT INSERT ON audit.entry, audit.position TO phoihop_audit_writer;
GRANT EXECUTE ON FUNCTION audit.make_partitions() TO phoihop_audit_writer;
-- The minimum to go on after a restart: the head, and for redelivered messages the leaf that their content must give.
GRANT SELECT (size, stream_seq, nodes) ON audit.position TO phoihop_audit_writer;
GRANT SELECT (idx, recorded_at, leaf_hash) ON audit.entry TO phoihop_audit_writer;

GRANT SELECT ON audit.entry, audit.position TO phoihop_audit_reader;
RESET ROLE;
"""

DDL_GUARDS: Final = r"""
-- Made by the superuser who migrates, so the owner cannot replace it.
CREATE FUNCTION audit.refuse_ddl() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ledger constant regclass := to_regclass('audit.entry');
    positions constant regclass := to_regclass('audit.position');
    refused text;
BEGIN
    IF coalesce(current_setting('phoihop.maintenance', true), '') <> '' THEN
        RETURN;
    END IF;
    IF ledger IS NULL OR positions IS NULL THEN  -- the command has just renamed or moved one, or their schema
        RAISE EXCEPTION 'the ledger is append-only: % refused', tg_tag USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT c.command_tag || coalesce(' ' || c.object_identity, '') INTO refused
    FROM pg_event_trigger_ddl_commands() AS c
    WHERE c.command_tag IN ('GRANT', 'REVOKE', 'ALTER DEFAULT PRIVILEGES')
       OR (c.command_tag <> 'REINDEX'
           AND (c.schema_name = 'audit' OR c.object_identity ~ '(^| on )audit(\.|$)'
                OR c.objid IN (positions, ledger)
                OR c.objid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = ledger)))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the ledger is append-only: % refused', refused
            USING ERRCODE = 'insufficient_privilege', HINT = 'Maintenance is declared by phoihop.maintenance.';
    END IF;
END $$;

CREATE FUNCTION audit.refuse_drop() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    refused text;
BEGIN
    IF coalesce(current_setting('phoihop.maintenance', true), '') <> '' THEN
        RETURN;
    END IF;
    SELECT d.object_type || ' ' || d.object_identity INTO refused
    FROM pg_event_trigger_dropped_objects() AS d
    WHERE d.schema_name = 'audit' OR d.object_identity ~ '(^| on )audit(\.|$)'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the ledger is append-only: dropping % refused', refused
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Before the command, because these can take the guards away together with what they guard.
CREATE FUNCTION audit.refuse_command() RETURNS event_trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('phoihop.maintenance', true), '') = '' THEN
        RAISE EXCEPTION 'the ledger is append-only: % refused in its database', tg_tag
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

REVOKE ALL ON FUNCTION audit.refuse_ddl(), audit.refuse_drop(), audit.refuse_command() FROM PUBLIC;
CREATE EVENT TRIGGER phoihop_audit_command ON ddl_command_start
    WHEN TAG IN ('DROP SCHEMA', 'DROP FUNCTION', 'DROP ROUTINE', 'DROP OWNED')
    EXECUTE FUNCTION audit.refuse_command();
CREATE EVENT TRIGGER phoihop_audit_ddl ON ddl_command_end EXECUTE FUNCTION audit.refuse_ddl();
CREATE EVENT TRIGGER phoihop_audit_drop ON sql_drop EXECUTE FUNCTION audit.refuse_drop();
ALTER EVENT TRIGGER phoihop_audit_command ENABLE ALWAYS;
ALTER EVENT TRIGGER phoihop_audit_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER phoihop_audit_drop ENABLE ALWAYS;
"""


def upgrade() -> None:
    """Make everything; the caller holds the transaction and has declared maintenance."""
    # asyncpg itself, because SQLAlchemy prepares what it runs and a prepared statement holds one command only
    adapted = cast("AdaptedConnection", op.get_bind().connection.dbapi_connection)
    for script in (ROLES, TABLES, APPEND_ONLY, PARTITIONS, GRANTS, DDL_GUARDS):
        adapted.run_async(partial(_run, script))


async def _run(script: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(script)


def downgrade() -> None:
    """There is no way back: nothing of the ledger is ever dropped by a program."""
    raise RuntimeError("a ledger is never downgraded")
