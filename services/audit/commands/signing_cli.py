"""`phoihop ledger checkpoint | key`: parses and prints; what is signed and which key counts is decided elsewhere."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from services.audit.commands.shared_cli import (
    DsnOption,
    copy,
    dsn_of,
    explained,
    run,
    settings_of,
)
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit

if TYPE_CHECKING:
    from nats.aio.client import Client

    from services.audit.notary.checkpointing import NotSigned, Signed
    from services.audit.notary.signing import Kept, Notary
    from services.audit.settings import AuditSettings
    from services.audit.tlog.notes import Note, VerifierKey

commands = typer.Typer()
key_commands = typer.Typer(no_args_is_help=True)
commands.add_typer(key_commands, name="key", help="Khóa ký của sổ / the ledger's signing key")

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="Khóa ký / signing key (PHOIHOP_HOME/keys/ledger.key)", show_default=False),
]


@commands.command()
def checkpoint(
    key: KeyOption = None,
    to: Annotated[Path | None, typer.Option("--to", help="Ghi thêm một bản / write another copy")] = None,
    qr: Annotated[bool, typer.Option("--qr", help="In một dòng và mã QR / print one line and its QR code")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", help="Mã QR để in / QR code to print")] = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ký đầu sổ và giữ bên ngoài cơ sở dữ liệu. / Sign the present head and keep it outside the database."""
    from rich.markup import escape

    from services.audit.commands.signing_texts import witness_lines
    from services.audit.commands.texts import say
    from services.audit.tlog.printed import svg_code, terminal_code, to_line

    kept, verifier = _kept_now(lang, dsn_of(lang, dsn), key, as_json=as_json)
    note, line = kept.note.to_bytes(), to_line(kept.note)
    for path, content in ((to, note), (svg, svg_code(line) if svg else b"")):
        if path is not None:
            copy(lang, path, content)
    text = f"{escape(note.decode())}[dim]{say(lang, 'kept_at', path=escape(str(kept.signed.path)))}[/]"
    emit(_document(kept, line, verifier), as_json, lambda out: out.print(text, *witness_lines(lang, kept), sep="\n"))
    if qr and not as_json:
        sys.stdout.write(f"\n{line}\n\n{terminal_code(line)}")
    if kept.refused:
        raise typer.Exit(Exit.CHECK_FAILED)


@key_commands.command()
def show(as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Những khóa nào được tin, cho cỡ sổ nào. / Which keys count, for which sizes of the ledger."""
    from services.audit.commands.signing_texts import key_lines

    with explained(lang):
        book = settings_of(lang).log_keys().book()
    keys = [{"key": str(key), "first": term.first, "last": term.last} for key, term in book.terms.items()]
    document = {"keys": keys, "disputed": [str(key) for key in book.disputed]}
    emit(document, as_json, lambda out: out.print(*key_lines(lang, book), sep="\n"))
    if book.disputed:
        raise typer.Exit(Exit.CHECK_FAILED)


@key_commands.command()
def rotate(dsn: DsnOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Ký lần cuối bằng khóa cũ, công bố khóa mới. / Sign a last time with the old key, announce a new one."""
    from rich.markup import escape

    from services.audit.commands.texts import say
    from services.audit.tlog.keybook import Rotation

    note = _rotated(lang, dsn_of(lang, dsn), as_json=as_json)
    rotation = Rotation.of(note)
    document = {
        "old": str(rotation.old),
        "new": str(rotation.new),
        "size": rotation.size,
        "note": note.to_bytes().decode(),
    }
    text = f"{escape(note.to_bytes().decode())}[dim]{say(lang, 'rotated', size=rotation.size)}[/]"
    emit(document, as_json, lambda out: out.print(text))


def signed_now(lang: Language, dsn: str, key: Path | None, *, as_json: bool) -> "tuple[Signed, VerifierKey]":
    """The present head, signed and cosigned, and the key it was signed with; or the end with what disagrees."""
    kept, verifier = _kept_now(lang, dsn, key, as_json=as_json)
    return replace(kept.signed, note=kept.note), verifier


def _kept_now(lang: Language, dsn: str, key: Path | None, *, as_json: bool) -> "tuple[Kept, VerifierKey]":
    from services.audit.notary.checkpointing import NotSigned
    from services.runtime.logs import configure

    settings = settings_of(lang)
    configure("ledger", settings.log_format, settings.log_level)
    with explained(lang):
        signer, _ = settings.log_keys(key).current()
    kept = run(lang, _made(settings, dsn, key))
    if isinstance(kept, NotSigned):
        _refused(lang, kept, as_json=as_json)
    return kept, signer.verifier


async def _made(settings: "AuditSettings", dsn: str, key: Path | None) -> "Kept | NotSigned":
    from contracts.identity import service
    from services.audit.notary.checkpointing import NotSigned
    from services.audit.notary.gathering import bus

    async with bus(settings, service("notary")) as client:
        notary = _notary(settings, dsn, key, client)
        kept = await notary.checkpoint()
        return kept if isinstance(kept, NotSigned) else await notary.settle(kept)


def _notary(settings: "AuditSettings", dsn: str, key: Path | None, client: "Client | None") -> "Notary":
    from services.audit.notary.signing import Notary

    return Notary(dsn, settings.log_keys(key), settings.policy(), settings.alarms, lambda: client)


def _rotated(lang: Language, dsn: str, *, as_json: bool) -> "Note":
    from services.audit.notary.anchor_folder import locked
    from services.audit.notary.checkpointing import NotSigned, sign
    from services.audit.notary.key_files import change_key, is_changing
    from services.audit.tlog.checkpoints import Checkpoint

    keys = settings_of(lang).log_keys()
    with explained(lang):
        changing = is_changing(keys)
    if not changing:  # so that witnesses have seen the root that the announcement will name
        _kept_now(lang, dsn, None, as_json=as_json)

    async def change() -> "Note | NotSigned":
        async with locked(keys.folder):
            if is_changing(keys):  # a crash cut it off after the announcement, which says at which size
                return change_key(keys, Checkpoint(keys.origin, 0, bytes(32)))
            signed = await sign(dsn, keys)
            return signed if isinstance(signed, NotSigned) else change_key(keys, signed.checkpoint)

    if isinstance(note := run(lang, change()), NotSigned):
        _refused(lang, note, as_json=as_json)
    return note


def _refused(lang: Language, refused: "NotSigned", *, as_json: bool) -> NoReturn:
    from services.audit.commands.texts import refusal_lines
    from services.audit.recomputing.documents import contradiction_document, finding_document

    disagreeing = map(contradiction_document, refused.contradictions)
    findings = [*map(finding_document, refused.findings), *disagreeing]
    document = {"checkpoint": None, "size": refused.size, "findings": findings}
    emit(document, as_json, lambda out: out.print(*refusal_lines(lang, refused), sep="\n"))
    raise typer.Exit(Exit.CHECK_FAILED)


def _document(kept: "Kept", line: str, verifier: "VerifierKey") -> dict[str, object]:
    from services.audit.tlog.cosigning import Settled

    return {
        "checkpoint": kept.note.to_bytes().decode(),
        "line": line,
        "origin": kept.signed.checkpoint.origin,
        "size": kept.signed.checkpoint.size,
        "root": kept.signed.checkpoint.root.hex(),
        "file": str(kept.signed.path),
        "key": str(verifier),
        "in_bucket": kept.in_bucket,
        "settled": isinstance(kept.verdict, Settled),
        "witnesses": {name: type(found).__name__.lower() for name, found in kept.outcomes.items()},
    }
