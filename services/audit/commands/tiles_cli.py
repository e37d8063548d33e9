"""`phoihop ledger tiles`: parses and prints; what a tile holds is decided elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.audit.commands.reading_cli import noted, reading_document
from services.audit.commands.shared_cli import DsnOption, dsn_of, progress_bar, run
from services.audit.commands.signing_cli import KeyOption
from services.audit.commands.vouching_cli import CheckpointOption, Options, TrustOption, vouched_for
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.audit.evidence.tile_export import Exported
    from services.audit.notary.checkpointing import Signed
    from services.audit.tlog.checkpoints import Checkpoint

commands = typer.Typer()
_SAID: Final = {
    "writing": ("Ghi các ô băm", "Writing tiles"),
    "written": (
        "✓ {path}: sổ đến {size} mục ({new} mục mới, {files} tệp mới)",
        "✓ {path}: the ledger up to {size} entries ({new} new, {files} files written)",
    ),
    "oversized": (
        "{count} mục dài hơn 65.535 byte (mục {which}): gói tlog-tiles không chứa được, xem leaf/",
        "{count} entries longer than 65,535 bytes (entry {which}): no tlog-tiles bundle holds them, see leaf/",
    ),
    "contradict": (
        "Không ghi điểm chốt: các ô băm không dẫn tới gốc đã ký.",
        "No checkpoint was written: the tiles do not lead to the signed root.",
    ),
    "missing": ("Sổ thiếu mục, không dựng được ô băm.", "An entry is missing, a tile cannot be made."),
}


@commands.command()
def tiles(
    to: Annotated[Path, typer.Option("--to", help="Thư mục, ghi tiếp được / folder; goes on in it")],
    key: KeyOption = None,
    checkpoint: CheckpointOption = None,
    trust: TrustOption = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Xuất sổ thành thư mục tlog-tiles. / Write the ledger as a tlog-tiles folder, for any static server."""
    from rich.markup import escape

    address, options = dsn_of(lang, dsn), Options(key, checkpoint, trust)
    made = noted(lang, address, "ledger tiles", to=to)
    under = vouched_for(lang, address, options, 1, as_json=as_json)
    exported = _exported(lang, address, under.signed, to, quiet=as_json)
    document = _document(under.signed.checkpoint, exported) | {"folder": str(to), "reading": reading_document(made)}
    new = exported.size - exported.before
    values = {"path": escape(str(to)), "size": exported.size, "new": new, "files": exported.written}
    lines = [lang.pick(*_SAID["written"]).format(**values)]
    if exported.oversized:
        told = {"count": len(exported.oversized), "which": ", ".join(map(str, exported.oversized[:5]))}
        lines.append(f"  [yellow]![/] {lang.pick(*_SAID['oversized']).format(**told)}")
    emit(document, as_json, lambda out: out.print(*lines, sep="\n"))


def _exported(lang: Language, dsn: str, signed: "Signed", to: Path, *, quiet: bool) -> "Exported":
    from services.audit.evidence.tile_export import TilesContradictError, export_tiles
    from services.audit.evidence.tile_reading import TileMissingError

    try:
        with progress_bar(lang.pick(*_SAID["writing"]), quiet=quiet) as show:
            return run(lang, export_tiles(dsn, signed, to, show))
    except TilesContradictError as error:
        fail(Exit.CHECK_FAILED, lang.pick(*_SAID["contradict"]), str(error), "phoihop ledger verify")
    except TileMissingError as error:
        fail(Exit.CHECK_FAILED, lang.pick(*_SAID["missing"]), str(error), "phoihop ledger verify")


def _document(checkpoint: "Checkpoint", exported: "Exported") -> dict[str, object]:
    return {
        "size": exported.size,
        "root": checkpoint.root.hex(),
        "before": exported.before,
        "files": exported.written,
        "oversized": list(exported.oversized),
    }
