"""`phoihop ledger prove | export`: parses and prints; what is proved is decided elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer

from services.audit.commands.reading_cli import noted, reading_document
from services.audit.commands.shared_cli import DsnOption, copy, dsn_of, explained, run, settings_of
from services.audit.commands.signing_cli import KeyOption
from services.audit.commands.vouching_cli import CheckpointOption, Options, TrustOption, vouched_for
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.audit.evidence.making import Matter
    from services.audit.notary.covering import Vouched

commands = typer.Typer()
_LARGEST_IDX: Final = 2**63 - 1


@commands.command()
def prove(
    which: Annotated[str, typer.Argument(metavar="IDX|EVENT_ID", help="Mục nào / which entry")],
    to: Annotated[Path, typer.Option("--to", help="Tệp c2sp.org/tlog-proof / file to write")],
    key: KeyOption = None,
    checkpoint: CheckpointOption = None,
    trust: TrustOption = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Bằng chứng rằng một mục nằm trong sổ. / The proof that one entry is in the ledger."""
    from rich.markup import escape

    from services.audit.commands.texts import say
    from services.audit.evidence.bundle import evidence_files, find, proofs
    from services.audit.tlog.merkle import leaf_hash

    address, options = dsn_of(lang, dsn), Options(key, checkpoint, trust)
    if (entry := run(lang, find(address, _place(which)))) is None:
        fail(Exit.CHECK_FAILED, say(lang, "no_entry", which=which), following="phoihop ledger verify")
    under = vouched_for(lang, address, options, entry.idx + 1, as_json=as_json)
    signed = under.signed
    files = evidence_files(under, [entry], run(lang, proofs(address, signed, [entry])))
    copy(lang, to, files[f"entries/{entry.idx}.tlog-proof"])
    document = {
        "index": entry.idx,
        "event": str(entry.event_id),
        "leaf": leaf_hash(files[f"entries/{entry.idx}.leaf"]).hex(),
        "size": signed.checkpoint.size,
        "root": signed.checkpoint.root.hex(),
        "file": str(to),
    }
    text = say(lang, "proved", idx=entry.idx, size=signed.checkpoint.size, path=escape(str(to)))
    emit(document, as_json, lambda out: out.print(text))


@commands.command()
def export(
    incident: Annotated[UUID, typer.Option("--incident", help="Mã sự cố / incident id")],
    to: Annotated[Path, typer.Option("--to", help="Thư mục trống hoặc tệp .zip mới / empty folder or new .zip")],
    key: KeyOption = None,
    checkpoint: CheckpointOption = None,
    trust: TrustOption = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Hồ sơ bằng chứng của một sự cố, tự kiểm tra được. / The evidence of one incident, verifiable offline."""
    from rich.markup import escape

    from services.audit.commands.auditor_texts import caveats
    from services.audit.commands.texts import say
    from services.audit.evidence.bundle import self_check, write
    from services.audit.evidence.making import files_of, matter_of
    from services.audit.evidence.photographs import documents, photographs_of

    address, options = dsn_of(lang, dsn), Options(key, checkpoint, trust)
    made = noted(lang, address, "ledger export", incident=incident)
    if (matter := run(lang, matter_of(address, incident))) is None:
        fail(Exit.CHECK_FAILED, say(lang, "no_trail", incident=incident), following="phoihop ledger verify")
    under = vouched_for(lang, address, options, matter.size, as_json=as_json)
    enclosed = run(lang, documents(settings_of(lang), photographs_of(matter.entries)))
    files = run(lang, files_of(address, matter, under, enclosed))
    with explained(lang):
        write(to, files)
    if not (checked := self_check(to)).passed:
        fail(Exit.CHECK_FAILED, say(lang, "self_check_failed"), checked.said, "phoihop ledger verify")
    document = _document(matter, under) | {"file": str(to), "verified": checked.passed, "photographs": sorted(enclosed)}
    text = say(lang, "exported", entries=len(matter.entries), path=escape(str(to)))
    shown = [text, *caveats(lang, under, matter.texts)]
    emit(document | {"reading": reading_document(made)}, as_json, lambda out: out.print(*shown, sep="\n"))


def _document(matter: "Matter", under: "Vouched") -> dict[str, object]:
    checkpoint = under.signed.checkpoint
    return {
        "incident": str(matter.incident),
        "entries": len(matter.entries),
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "settled": under.settled,
        "witnesses": list(under.witnesses),
        "texts": [{**each.version._asdict(), "sha256": each.sha256} for each in matter.texts.texts],
        "texts_missing": [each._asdict() for each in matter.texts.missing],
    }


def _place(which: str) -> int | UUID:
    if which.isascii() and which.isdigit() and int(which) <= _LARGEST_IDX:
        return int(which)
    try:
        return UUID(which)
    except ValueError as error:
        raise typer.BadParameter(f"{which}: IDX | EVENT_ID") from error
