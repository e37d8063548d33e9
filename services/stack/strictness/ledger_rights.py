"""Asks Postgres whether the ledger's roles may do more than their work needs. It changes nothing."""

from collections.abc import Iterator
from typing import Final

import asyncpg

from services.audit.connecting import Connection, connect
from services.audit.roles import OWNER, READER, SCHEMA, WRITER
from services.stack.strictness.promises import Breach, Promise

ANSWER_SECONDS: Final = 5.0
_KEEPER: Final = "phoihop_personal_keeper"
_ATTRIBUTES: Final = {
    "rolsuper": "SUPERUSER",
    "rolcreaterole": "CREATEROLE",
    "rolcreatedb": "CREATEDB",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}
_MAY: Final = {WRITER: {"INSERT"}, READER: {"SELECT"}, _KEEPER: {"SELECT"}}
"""On whole tables. What the writer may select is granted by the column."""

_ROLES: Final = f"""
SELECT rolname AS name, rolcanlogin, {", ".join(_ATTRIBUTES)}
FROM pg_roles WHERE rolname = ANY($1)
"""  # noqa: S608  # names of columns, from above
_RIGHTS: Final = """
SELECT holder.rolname AS role, kind.name AS kind, string_agg(holding.relname, ', ' ORDER BY holding.relname) AS tables
FROM pg_class AS holding
JOIN pg_namespace AS home ON home.oid = holding.relnamespace AND home.nspname = $2
CROSS JOIN pg_roles AS holder
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS kind(name)
WHERE holder.rolname = ANY($1) AND holding.relkind IN ('r', 'p', 'v', 'm')
  AND (has_table_privilege(holder.oid, holding.oid, kind.name)
       OR (kind.name = 'UPDATE' AND has_any_column_privilege(holder.oid, holding.oid, kind.name)))
GROUP BY 1, 2
"""
_MAKERS: Final = """
SELECT rolname AS role FROM pg_roles
WHERE rolname = ANY($1) AND (has_schema_privilege(oid, $2, 'CREATE')
                             OR has_database_privilege(oid, current_database(), 'CREATE'))
"""
_OWNERS: Final = """
SELECT rolname AS role FROM pg_roles
WHERE NOT rolsuper AND rolname <> $1 AND rolname NOT LIKE 'pg\\_%' AND pg_has_role(oid, $1, 'MEMBER')
"""
_ANYBODY: Final = "SELECT has_schema_privilege('public', $1, 'USAGE')"


async def too_many_rights(dsn: str) -> list[Breach] | None:
    """What the ledger's roles may do beyond their work; None where there is no ledger. Raises what asyncpg raises."""
    connection = await connect(dsn, None, command_seconds=ANSWER_SECONDS)
    try:
        return await rights_beyond(connection)
    finally:
        await connection.close()


async def rights_beyond(connection: Connection) -> list[Breach] | None:
    """The same over a connection, within its transaction."""
    if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", SCHEMA):
        return None
    working = list(_MAY)
    found = [breach for role in await connection.fetch(_ROLES, [OWNER, *working]) for breach in _attributes(role)]
    found += [
        _breach(f"{right['role']} may {right['kind']}: {right['tables']}")
        for right in await connection.fetch(_RIGHTS, working, SCHEMA)
        if right["kind"] not in _MAY[right["role"]]
    ]
    found += [_breach(f"{one['role']} may CREATE") for one in await connection.fetch(_MAKERS, working, SCHEMA)]
    found += [_breach(f"{one['role']} is a member of {OWNER}") for one in await connection.fetch(_OWNERS, OWNER)]
    if await connection.fetchval(_ANYBODY, SCHEMA):
        found.append(_breach(f"PUBLIC may use the schema {SCHEMA}"))
    return found


def _attributes(role: asyncpg.Record) -> Iterator[Breach]:
    for column, attribute in _ATTRIBUTES.items():
        if role[column]:
            yield _breach(f"{role['name']} is {attribute}")
    if role["name"] == OWNER and role["rolcanlogin"]:
        yield _breach(f"{OWNER} may log in")


def _breach(where: str) -> Breach:
    return Breach(Promise.LEDGER_ROLES, where)
