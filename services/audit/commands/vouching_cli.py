"""Under which checkpoint `prove` and `export` give their evidence: signs where the key is, else takes what was kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from services.audit.commands.shared_cli import explained, run, settings_of
from services.audit.commands.signing_cli import signed_now
from services.runtime.terminal import Exit, Language, emit, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.audit.notary.covering import Vouched
    from services.audit.notary.gathering import Gathered
    from services.audit.settings import AuditSettings
    from services.audit.tlog.anchors import Compared

CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        help="Dùng điểm chốt đã giữ: tệp, thư mục / a kept checkpoint: file, folder (PHOIHOP_HOME/checkpoints)",
        show_default=False,
    ),
]
TrustOption = Annotated[
    Path | None,
    typer.Option("--trust", help="Khóa công khai của sổ / vkeys, one a line (PHOIHOP_HOME/keys/ledger.vkey)"),
]


class Options:
    """What somebody said about the checkpoint to use."""

    def __init__(self, key: Path | None, checkpoint: Path | None, trust: Path | None) -> None:
        if key and (checkpoint or trust):
            raise typer.BadParameter("--key | --checkpoint --trust")
        self.key, self.checkpoint, self.trust = key, checkpoint, trust

    def sign(self, settings: "AuditSettings") -> bool:
        """Whether to sign: with a key that is here or, where nothing of this ledger is known, with its first one."""
        if self.checkpoint or self.trust:
            return False
        known = settings.ledger_trust.exists() or settings.checkpoints.exists()
        return self.key is not None or settings.ledger_key.exists() or not known


def vouched_for(lang: Language, dsn: str, options: Options, size: int, *, as_json: bool) -> "Vouched":
    """A checkpoint over at least `size` entries, settled if one is; or the end of the command with what is wrong."""
    from services.audit.commands.auditor_texts import tell
    from services.audit.notary.covering import best, vouched

    settings = settings_of(lang)
    with explained(lang):
        quorum = settings.policy().quorum
    made: list[Vouched] = []
    if options.sign(settings):
        signed, key = signed_now(lang, dsn, options.key, as_json=as_json)
        made += [each] if (each := vouched(signed, [key], quorum)) else []
    if not made or (quorum.enough and not made[0].settled):
        made += _kept(lang, dsn, settings, options, size, as_json=as_json)
    if (chosen := best(made)) is None:
        following = "phoihop ledger checkpoint --to FILE  ·  --checkpoint FILE"
        fail(Exit.CHECK_FAILED, tell(lang, "not_covered", size=size), following=following)
    return chosen


def _kept(
    lang: Language, dsn: str, settings: "AuditSettings", options: Options, size: int, *, as_json: bool
) -> "Sequence[Vouched]":
    from services.audit.commands.auditor_texts import tell
    from services.audit.evidence.making import Contradicted, kept_over
    from services.audit.notary.gathering import gather

    gathered: Gathered = run(lang, gather(settings, options.checkpoint, options.trust, ()))
    if not gathered.trust.keys:
        fail(Exit.USAGE, tell(lang, "no_keys"), following="--trust FILE")
    found = run(lang, kept_over(dsn, gathered, size))
    if isinstance(found, Contradicted):
        _refuse(lang, found.contradictions, as_json=as_json)
    return found


def _refuse(lang: Language, contradictions: "Sequence[Compared]", *, as_json: bool) -> NoReturn:
    from services.audit.commands.auditor_texts import tell
    from services.audit.commands.texts import kept_line
    from services.audit.recomputing.documents import contradiction_document

    document = {"checkpoint": None, "findings": [contradiction_document(each) for each in contradictions]}
    lines = [f"[bold red]✗ {tell(lang, 'contradicted')}[/]", *(f"  {kept_line(lang, each)}" for each in contradictions)]
    emit(document, as_json, lambda out: out.print(*lines, sep="\n"))
    raise typer.Exit(Exit.CHECK_FAILED)
