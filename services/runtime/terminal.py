"""How commands speak: one JSON document or people's text, two languages, errors that say what, why and what next."""

import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Annotated, Final, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from contracts.problems import Problem

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


class Exit(IntEnum):
    """What a command's exit code means."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    UNREACHABLE = 3


class Language(StrEnum):
    """The languages of every user-facing text."""

    VI = "vi"
    EN = "en"

    def pick(self, vi: str, en: str) -> str:
        """The text in this language."""
        return vi if self is Language.VI else en


JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
LanguageOption = Annotated[Language, typer.Option("--lang", envvar="PHOIHOP_LANG", help="vi | en")]


def problem_documents(problems: Iterable["Problem"], lang: Language) -> list[dict[str, str | None]]:
    """Why something was refused, as every JSON document of a command says it."""
    return [
        {
            "code": problem.code.value,
            "field": problem.field,
            "message": lang.pick(problem.wording.vi, problem.wording.en),
            "fix": lang.pick(problem.wording.fix_vi, problem.wording.fix_en),
            "detail": problem.detail,
        }
        for problem in problems
    ]


def people() -> Console:
    """Where text for people goes when stdout carries it; honours NO_COLOR."""
    return Console(highlight=False, soft_wrap=True)


def emit(document: object, as_json: bool, render: Callable[[Console], None]) -> None:  # noqa: FBT001  # the flag itself
    """Prints the document as JSON, or lets `render` draw it for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    else:
        render(people())


def fail(code: Exit, what: str, why: str = "", following: str = "") -> NoReturn:
    """Ends the command: what went wrong, why, and the next command to type; on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]✗[/] {escape(what)}")
    if why:
        console.print(f"  {escape(why)}")
    if following:
        console.print(f"  → {escape(following)}")
    raise typer.Exit(code)


def local_time(moment: datetime) -> str:
    """Hour, minute and second in Việt Nam."""
    return moment.astimezone(VIETNAM).strftime("%H:%M:%S")


def local_date_time(moment: datetime) -> str:
    """Date and time in Việt Nam."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
