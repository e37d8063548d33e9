"""Alembic's entry: runs the revisions on the connection that `services.audit.migration` hands over; it opens none."""

from alembic import context

from services.audit.roles import SCHEMA
from services.audit.tables import LedgerTable


def run() -> None:
    """Apply what is missing in the transaction of the caller's connection."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=LedgerTable.metadata,
        version_table_schema=SCHEMA,
        transactional_ddl=True,
    )
    context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic executes this file; importing it does nothing
    run()
