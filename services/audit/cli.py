"""`phoihop ledger`: parses and prints; what is true of the ledger is decided elsewhere in this package."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from services.audit.evidence_cli import commands as evidence_commands
from services.audit.ledger_cli import (
    DsnOption,
    contradiction_document,
    dsn_of,
    explained,
    finding_document,
    run,
    settings_of,
)
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.audit.anchors import Anchor, Trust
    from services.audit.tables import Entry
    from services.audit.verification import Verification

commands = typer.Typer(no_args_is_help=True)
commands.add_typer(evidence_commands)


@commands.command()
def migrate(dsn: DsnOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Tạo hoặc nâng cấp sổ (cần quyền superuser). / Make or upgrade the ledger (needs a superuser)."""
    from services.audit.migration import migrate as bring_up_to_date
    from services.audit.texts import say

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
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Tính lại toàn bộ sổ, so với các điểm chốt đã giữ. / Recompute all, against the checkpoints that were kept."""
    from services.audit.texts import kept_lines, verification_lines

    anchors, trusted = _kept(lang, since, trust)
    found = _verification(dsn_of(lang, dsn), anchors, trusted, lang, quiet=as_json)
    lines = verification_lines(lang, found)
    if found.kept:
        lines += kept_lines(lang, found, signatures=bool(trusted.keys))
    emit(_verdict(found, trusted), as_json, lambda console: console.print(*lines, sep="\n"))
    if not found.verified:
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def trail(
    incident: Annotated[UUID, typer.Argument(help="Mã sự cố / incident id")],
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Mọi mục của một sự cố, theo thứ tự đã ghi. / Every entry of one incident, in the order recorded."""
    from services.audit.texts import say, trail_table
    from services.audit.trail import trail as read_trail

    entries = list(run(lang, read_trail(dsn_of(lang, dsn), incident)))
    if not entries:
        fail(Exit.CHECK_FAILED, say(lang, "no_trail", incident=incident), following="phoihop ledger verify")
    document = {"incident": str(incident), "entries": [_entry(entry) for entry in entries]}
    emit(document, as_json, lambda console: console.print(trail_table(lang, entries)))


@commands.command()
def drill(dsn: DsnOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Sửa thử một bản sao để xem có bị phát hiện không. / Tamper with a copy and see whether it is found."""
    from services.audit.drill import detects_tampering
    from services.audit.texts import drill_line

    result = run(lang, detects_tampering(dsn_of(lang, dsn)))
    document = {
        "entries": result.entries,
        "changed": result.changed,
        "detected": result.detected,
        "finding": result.finding and finding_document(result.finding),
    }
    emit(document, as_json, lambda console: console.print(drill_line(lang, result)))
    if not result.detected:
        raise typer.Exit(Exit.CHECK_FAILED)


def _kept(lang: Language, since: Path | None, trust: Path | None) -> "tuple[tuple[Anchor, ...], Trust]":
    """The checkpoints to hold against the ledger, and whose they are to be."""
    from services.audit.anchor_folder import UnusableFileError, kept, trusted_keys
    from services.audit.anchors import NOTHING_KEPT, Trust

    settings = settings_of(lang)
    with explained(lang):
        keys = trusted_keys(trust or settings.ledger_trust)
        if trust is not None and not keys:
            raise UnusableFileError(f"{trust}: no key")
        folder = since or (settings.checkpoints if settings.checkpoints.exists() else None)
        return (kept(folder) if folder else NOTHING_KEPT), Trust(settings.ledger_origin, keys)


def _verdict(found: "Verification", trusted: "Trust") -> dict[str, object]:
    disagreeing = [contradiction_document(each) for each in found.kept if each.flaw]
    return {
        "entries": found.entries,
        "verified": found.verified,
        "findings": [*map(finding_document, found.findings), *disagreeing],
        "root": found.root,
        "unreadable": found.unreadable,
        "repeated": found.repeated,
        "checkpoints": [{"file": each.name, "size": each.size, "contained": not each.flaw} for each in found.kept],
        "signatures_checked": bool(found.kept and trusted.keys),
    }


def _verification(
    dsn: str, anchors: "Sequence[Anchor]", trusted: "Trust", lang: Language, *, quiet: bool
) -> "Verification":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from services.audit.texts import say
    from services.audit.verification import verify as recompute

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task(say(lang, "verifying"), total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return run(lang, recompute(dsn, show, anchors, trusted))


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
