"""Turns whatever a database can do to us into one error that means: nothing was lost, try again, for ever."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError


class LedgerUnavailableError(ConnectionError):
    """The ledger cannot be used now. Nothing was acknowledged and nothing may be dropped: try again later.

    A ConnectionError, so that every failure policy takes it for what it is: infrastructure, never a bad message.
    """


class LedgerNotReadyError(LedgerUnavailableError):
    """The database answers, but it holds no ledger or this login may not use it. Next: phoihop ledger migrate."""


_NOT_READY = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidParameterValueError,  # the role to work under does not exist
)


@contextmanager
def unavailable() -> Iterator[None]:
    """Every failure of the driver or the server inside becomes `LedgerUnavailableError`, with its own words kept."""
    try:
        yield
    except LedgerUnavailableError:
        raise
    except _NOT_READY as error:
        raise LedgerNotReadyError(str(error)) from error
    except DBAPIError as error:  # SQLAlchemy wraps its wrapper of the driver's error
        cause = error.orig.__cause__ if error.orig else None
        raise (LedgerNotReadyError if isinstance(cause, _NOT_READY) else LedgerUnavailableError)(str(cause)) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        # TimeoutError is an OSError. A full disk, a restart, a fail-over, a lock: all pass, none is a reason to drop.
        raise LedgerUnavailableError(f"{type(error).__name__}: {error}") from error
