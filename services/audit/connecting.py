"""Opens connections that can do only what their role may, whoever the DSN logs in as."""

from typing import Final, TypeAlias

import asyncpg

from services.audit.roles import READER

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CONNECT_SECONDS: Final = 5.0


async def connect(dsn: str, role: str | None, *, command_seconds: float | None = None) -> Connection:
    """A connection under `role`, in UTC, whose commits are on disk when they return.

    The login must be the role, a member of it, or a superuser, who then gives up everything else for this session.
    Without a role it is the login itself: only for what needs a superuser.
    """
    settings = {"application_name": "phoihop-audit", "synchronous_commit": "on", "timezone": "UTC"}
    if role is not None:
        settings["role"] = role
    if role == READER:  # agencies are unequal: a plan for the average one sorts a month of a large one
        settings["plan_cache_mode"] = "force_custom_plan"
    return await asyncpg.connect(
        dsn, timeout=CONNECT_SECONDS, command_timeout=command_seconds, server_settings=settings
    )
