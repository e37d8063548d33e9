"""`phoihop ledger checkpoint | prove | export`: parses and prints; what is proved is decided elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer

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
    from services.audit.checkpointing import NotSigned, Signed
    from services.audit.notes import VerifierKey
    from services.audit.tables import Entry

commands = typer.Typer()
_LARGEST_IDX: Final = 2**63 - 1

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="Khóa ký / signing key (PHOIHOP_HOME/keys/ledger.key)", show_default=False),
]


@commands.command()
def checkpoint(
    key: KeyOption = None,
    to: Annotated[Path | None, typer.Option("--to", help="Ghi thêm một bản / write another copy")] = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ký đầu sổ và giữ bên ngoài cơ sở dữ liệu. / Sign the present head and keep it outside the database."""
    from rich.markup import escape

    from services.audit.texts import say

    signed, verifier = _signed(lang, dsn_of(lang, dsn), key, as_json=as_json)
    note = signed.note.to_bytes()
    if to is not None:
        _copy(lang, to, note)
    document = {
        "checkpoint": note.decode(),
        "origin": signed.checkpoint.origin,
        "size": signed.checkpoint.size,
        "root": signed.checkpoint.root.hex(),
        "file": str(signed.path),
        "key": str(verifier),
    }
    text = f"{escape(note.decode())}[dim]{say(lang, 'kept_at', path=escape(str(signed.path)))}[/]"
    emit(document, as_json, lambda out: out.print(text))


@commands.command()
def prove(
    which: Annotated[str, typer.Argument(metavar="IDX|EVENT_ID", help="Mục nào / which entry")],
    to: Annotated[Path, typer.Option("--to", help="Tệp c2sp.org/tlog-proof / file to write")],
    key: KeyOption = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Bằng chứng rằng một mục nằm trong sổ. / The proof that one entry is in the ledger."""
    from rich.markup import escape

    from services.audit.evidence import find
    from services.audit.merkle import leaf_hash
    from services.audit.texts import say

    address = dsn_of(lang, dsn)
    if (entry := run(lang, find(address, _place(which)))) is None:
        fail(Exit.CHECK_FAILED, say(lang, "no_entry", which=which), following="phoihop ledger verify")
    signed, verifier = _signed(lang, address, key, as_json=as_json)
    files = _evidence(lang, address, signed, verifier, [entry])
    _copy(lang, to, files[f"entries/{entry.idx}.tlog-proof"])
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
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Hồ sơ bằng chứng của một sự cố, tự kiểm tra được. / The evidence of one incident, verifiable offline."""
    from rich.markup import escape

    from services.audit.evidence import self_check, write
    from services.audit.texts import say
    from services.audit.timeline import guide, timeline_page
    from services.audit.trail import trail

    address = dsn_of(lang, dsn)
    if not (entries := list(run(lang, trail(address, incident)))):
        fail(Exit.CHECK_FAILED, say(lang, "no_trail", incident=incident), following="phoihop ledger verify")
    signed, verifier = _signed(lang, address, key, as_json=as_json)
    files = _evidence(lang, address, signed, verifier, entries)
    files["README.txt"] = guide(incident, entries, signed.checkpoint)
    files["timeline.html"] = timeline_page(incident, entries, signed.checkpoint)
    with explained(lang):
        write(to, files)
    if not (checked := self_check(to)).passed:
        fail(Exit.CHECK_FAILED, say(lang, "self_check_failed"), checked.said, "phoihop ledger verify")
    document = {
        "incident": str(incident),
        "entries": len(entries),
        "size": signed.checkpoint.size,
        "root": signed.checkpoint.root.hex(),
        "file": str(to),
        "verified": checked.passed,
    }
    text = say(lang, "exported", entries=len(entries), path=escape(str(to)))
    emit(document, as_json, lambda out: out.print(text))


def _signed(lang: Language, dsn: str, key: Path | None, *, as_json: bool) -> "tuple[Signed, VerifierKey]":
    """The present head, signed, and the key it was signed with; or the end of the command with what disagrees."""
    from services.audit.anchor_folder import log_signer, trust
    from services.audit.anchors import Trust
    from services.audit.checkpointing import Signed, sign
    from services.audit.texts import refusal_lines

    settings = settings_of(lang)
    with explained(lang):
        signer = log_signer(key or settings.ledger_key, settings.ledger_origin)
        keys = trust(settings.ledger_trust, signer.verifier)
    signed = run(lang, sign(dsn, signer, settings.checkpoints, Trust(settings.ledger_origin, keys)))
    if not isinstance(signed, Signed):
        refused = signed
        emit(_refusal(refused), as_json, lambda out: out.print(*refusal_lines(lang, refused), sep="\n"))
        raise typer.Exit(Exit.CHECK_FAILED)
    return signed, signer.verifier


def _refusal(refused: "NotSigned") -> dict[str, object]:
    disagreeing = map(contradiction_document, refused.contradictions)
    findings = [*map(finding_document, refused.findings), *disagreeing]
    return {"checkpoint": None, "size": refused.size, "findings": findings}


def _evidence(
    lang: Language, dsn: str, signed: "Signed", verifier: "VerifierKey", entries: "list[Entry]"
) -> dict[str, bytes]:
    from services.audit.evidence import evidence_files, proofs

    return evidence_files(signed, verifier, entries, run(lang, proofs(dsn, signed, entries)))


def _place(which: str) -> int | UUID:
    if which.isascii() and which.isdigit() and int(which) <= _LARGEST_IDX:
        return int(which)
    try:
        return UUID(which)
    except ValueError as error:
        raise typer.BadParameter(f"{which}: IDX | EVENT_ID") from error


def _copy(lang: Language, to: Path, content: bytes) -> None:
    from services.audit.anchor_folder import UnusableFileError

    with explained(lang):
        try:
            to.write_bytes(content)
        except OSError as error:
            raise UnusableFileError(str(error)) from error
