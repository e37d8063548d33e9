"""What every command that shows recorded content does first: has the reading recorded, or ends."""

from typing import TYPE_CHECKING

from services.audit.commands.shared_cli import run, settings_of
from services.runtime.terminal import Exit, Language, fail

if TYPE_CHECKING:
    from services.audit.reading import Noted


def noted(lang: Language, dsn: str, command: str, **sought: object) -> "Noted":
    """The record of this reading; the end of the command where none could be made.

    What was not given is not recorded as sought. A reading that only the journal holds is said on stderr.
    """
    from rich.console import Console
    from rich.markup import escape

    from services.audit.commands.auditor_texts import tell
    from services.audit.reading import ReadingNotRecordedError, login_of, note

    settings = settings_of(lang)
    what = [f"{name}={value}"[:200] for name, value in sought.items() if value is not None]
    login = run(lang, login_of(dsn))
    try:
        made = run(lang, note(settings, login, command, what))
    except ReadingNotRecordedError as error:
        fail(Exit.UNREACHABLE, tell(lang, "reading_refused"), str(error), "phoihop doctor")
    if made.journaled:
        text = tell(lang, "reading_journaled", waiting=made.waiting, path=settings.readings)
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"[yellow]![/] {escape(text)}")
    return made


def reading_document(made: "Noted") -> dict[str, object]:
    """The record of a reading, for `reading`."""
    return {"id": str(made.id), "recorded": not made.journaled, "waiting": made.waiting}
