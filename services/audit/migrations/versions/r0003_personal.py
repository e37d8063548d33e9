"""Revision 0003: personal values, locked with keys that are not in the database, and the role that may read them."""

from collections.abc import Sequence
from functools import partial
from typing import Final, cast

import asyncpg
from alembic import op
from sqlalchemy import AdaptedConnection

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

VALUES: Final = """
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;  -- shared by all databases: one migration at a time
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'phoihop_personal_keeper') THEN
        CREATE ROLE phoihop_personal_keeper NOLOGIN NOINHERIT;
    END IF;
END $$;
-- To find the reports of an incident the keeper becomes the reader. The reader never becomes the keeper.
GRANT phoihop_audit_reader TO phoihop_personal_keeper WITH INHERIT FALSE, SET TRUE;
SET LOCAL ROLE phoihop_audit_owner;
CREATE TABLE audit.personal_value (
    commitment bytea NOT NULL CONSTRAINT personal_value_pkey PRIMARY KEY,
    event_id uuid NOT NULL,
    kept_at timestamptz NOT NULL,
    locked bytea NOT NULL,
    CONSTRAINT personal_value_commitment_check CHECK (octet_length(commitment) = 32)
);
CREATE INDEX personal_value_event_id_idx ON audit.personal_value (event_id);
SELECT audit.protect('audit.personal_value');
GRANT INSERT ON audit.personal_value TO phoihop_audit_writer;
GRANT USAGE ON SCHEMA audit TO phoihop_personal_keeper;
GRANT SELECT ON audit.personal_value TO phoihop_personal_keeper;
RESET ROLE;
"""


def upgrade() -> None:
    """Make the table; the caller holds the transaction and has declared maintenance."""
    adapted = cast("AdaptedConnection", op.get_bind().connection.dbapi_connection)
    adapted.run_async(partial(_run, VALUES))


async def _run(script: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(script)


def downgrade() -> None:
    """There is no way back: nothing of the ledger is ever dropped by a program."""
    raise RuntimeError("a ledger is never downgraded")
