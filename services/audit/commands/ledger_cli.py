"""`phoihop ledger`: parses and prints; what is true of the ledger is decided elsewhere in this package."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from services.audit.commands.drill_cli import commands as drill_commands
from services.audit.commands.evidence_cli import commands as evidence_commands
from services.audit.commands.personal_cli import commands as personal_commands
from services.audit.commands.reading_cli import noted, reading_document
from services.audit.commands.restoring_cli import commands as restoring_commands
from services.audit.commands.shared_cli import (
    DsnOption,
    dsn_of,
    explained,
    progress_bar,
    run,
    settings_of,
)
from services.audit.commands.signing_cli import commands as signing_commands
from services.audit.commands.tiles_cli import commands as tiles_commands
from services.audit.commands.witness_cli import commands as witness_commands
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.audit.notary.gathering import Gathered
    from services.audit.recomputing.verifying import Verdict
    from services.audit.tables import Entry

commands = typer.Typer(no_args_is_help=True)
commands.add_typer(signing_commands)
commands.add_typer(witness_commands)
commands.add_typer(drill_commands)
commands.add_typer(evidence_commands)
commands.add_typer(personal_commands, name="personal")
commands.add_typer(restoring_commands)
commands.add_typer(tiles_commands)


@commands.command()
def migrate(dsn: DsnOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Tạo hoặc nâng cấp sổ (cần quyền superuser). / Make or upgrade the ledger (needs a superuser)."""
    from services.audit.commands.texts import say
    from services.audit.migration import migrate as bring_up_to_date

    run(lang, bring_up_to_date(dsn_of(lang, dsn)))
    emit({"migrated": True}, as_json, lambda console: console.print(say(lang, "migrated")))


@commands.command()
def verify(
    since: Annotated[
        Path | None,
        typer.Option("--since", help="Điểm chốt hoặc thư mục / checkpoint or folder (PHOIHOP_HOME/checkpoints)"),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option("--trust", help="Khóa công khai của sổ / vkeys, one a line (PHOIHOP_HOME/keys/ledger.vkey)"),
    ] = None,
    anchor: Annotated[
        list[str] | None,
        typer.Option("--anchor", help="Thêm điểm chốt: tệp, dòng in, - / more checkpoints: file, printed line, -"),
    ] = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Tính lại toàn bộ sổ, so với các điểm chốt đã giữ. / Recompute all, against the checkpoints that were kept."""
    from services.audit.commands.signing_texts import verdict_lines
    from services.audit.commands.texts import kept_lines
    from services.audit.notary.gathering import gather
    from services.audit.recomputing.documents import verdict_document

    address = dsn_of(lang, dsn)
    gathered = run(lang, gather(settings_of(lang), since, trust, _handed_in(lang, anchor or [])))
    verdict = _verification(address, gathered, lang, quiet=as_json)
    lines = verdict_lines(lang, verdict)
    if verdict.found.kept:
        lines += kept_lines(lang, verdict.found, signatures=bool(gathered.trust.keys))
    emit(verdict_document(verdict, gathered), as_json, lambda console: console.print(*lines, sep="\n"))
    if not verdict.verified:
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def trail(
    incident: Annotated[UUID, typer.Argument(help="Mã sự cố / incident id")],
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Mọi mục của một sự cố, theo thứ tự đã ghi. / Every entry of one incident, in the order recorded."""
    from services.audit.commands.texts import say, trail_table
    from services.audit.evidence.trail import trail as read_trail

    address = dsn_of(lang, dsn)
    made = noted(lang, address, "ledger trail", incident=incident)
    entries = list(run(lang, read_trail(address, incident)))
    if not entries:
        fail(Exit.CHECK_FAILED, say(lang, "no_trail", incident=incident), following="phoihop ledger verify")
    shown = [_entry(entry) for entry in entries]
    document = {"incident": str(incident), "entries": shown, "reading": reading_document(made)}
    emit(document, as_json, lambda console: console.print(trail_table(lang, entries)))


def _handed_in(lang: Language, values: list[str]) -> list[tuple[str, str]]:
    """What people typed, piped in or named as a file, each with the name it is to go by."""
    import sys

    with explained(lang):
        return [(sys.stdin.read(), "-") if value == "-" else _text_of(value) for value in values]


def _text_of(value: str) -> tuple[str, str]:
    from services.audit.notary.anchor_folder import UnusableFileError

    try:
        return (Path(value).read_text(encoding="utf-8"), value) if Path(value).is_file() else (value, value)
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{value[:60]}: {error}") from error


def _verification(dsn: str, gathered: "Gathered", lang: Language, *, quiet: bool) -> "Verdict":
    from services.audit.commands.texts import say
    from services.audit.recomputing.verifying import verify_against

    with progress_bar(say(lang, "verifying"), quiet=quiet) as show:
        return run(lang, verify_against(dsn, gathered, show))


def _entry(entry: "Entry") -> dict[str, object]:
    return {
        "idx": entry.idx,
        "stream_seq": entry.stream_seq,
        "event": str(entry.event_id),
        "type": entry.event_type,
        "subject": entry.subject,
        "occurred_at": entry.occurred_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "leaf": entry.leaf_hash.hex(),
    }
