"""What the ledger's commands share: where the ledger is, running, and what a failure means to whoever typed."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.runtime.terminal import Exit, Language, fail

if TYPE_CHECKING:
    from services.audit.settings import AuditSettings

DsnOption = Annotated[
    str | None,
    typer.Option("--dsn", help="postgresql://… (PHOIHOP_POSTGRES_DSN)", show_default=False),
]
ResultT = TypeVar("ResultT")


def settings_of(lang: Language) -> "AuditSettings":
    """The settings, or the end of the command."""
    from pydantic import ValidationError

    from services.audit.commands.texts import say
    from services.audit.settings import AuditSettings

    try:
        return AuditSettings()
    except ValidationError as error:
        fail(Exit.USAGE, say(lang, "no_address"), str(error), "phoihop doctor")


def dsn_of(lang: Language, given: str | None) -> str:
    """Where the ledger is, or the end of the command."""
    from services.audit.commands.texts import say
    from services.audit.settings import LedgerAddressUnknownError

    try:
        dsn = given or settings_of(lang).dsn()
    except LedgerAddressUnknownError as error:
        fail(Exit.UNREACHABLE, say(lang, "no_address"), str(error), "export PHOIHOP_POSTGRES_DSN=…  ·  phoihop up")
    if not dsn.startswith(("postgresql://", "postgres://")):
        fail(Exit.USAGE, say(lang, "bad_address"), following="--dsn postgresql://user@host:5432/database")
    return dsn


@contextmanager
def explained(lang: Language) -> Iterator[None]:
    """Whatever fails inside ends the command with its code, its reason and the next command to type."""
    from services.audit.commands.texts import say
    from services.audit.evidence.bundle import EntryNotProvedError
    from services.audit.failures import LedgerNotReadyError, LedgerUnavailableError
    from services.audit.notary.anchor_folder import UnusableFileError

    try:
        yield
    except UnusableFileError as error:
        fail(Exit.USAGE, say(lang, "unusable"), str(error))
    except EntryNotProvedError as error:
        fail(Exit.CHECK_FAILED, say(lang, "not_proved", idx=error.idx), following="phoihop ledger verify")
    except LedgerNotReadyError as error:
        fail(Exit.UNREACHABLE, say(lang, "not_ready"), str(error), "phoihop ledger migrate")
    except LedgerUnavailableError as error:
        fail(Exit.UNREACHABLE, say(lang, "unreachable"), str(error), "phoihop doctor")


def copy(lang: Language, to: Path, content: bytes) -> None:
    """Writes what was asked for into the file that was named, or ends the command."""
    from services.audit.notary.anchor_folder import UnusableFileError

    with explained(lang):
        try:
            to.write_bytes(content)
        except OSError as error:
            raise UnusableFileError(str(error)) from error


def run(lang: Language, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """The result, or the end of the command."""
    import asyncio

    with explained(lang):
        return asyncio.run(work)


@contextmanager
def progress_bar(text: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Shows on stderr how much of long work is done, told as done and total; nothing where `quiet`."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task(text, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show
