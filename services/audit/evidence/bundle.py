"""Makes the evidence file of one incident and the proof of one entry; the format is that of `verify.py` beside.

What is written is read back and judged by the very program that is enclosed, before anybody is told it is good.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from services.audit.entries import leaf_input
from services.audit.evidence.nodes import read_nodes
from services.audit.evidence.references import Text
from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.checkpointing import Signed, snapshot
from services.audit.notary.covering import Vouched
from services.audit.tables import Entry
from services.audit.tlog.cosigning import policy_text
from services.audit.tlog.proof_files import SUFFIX, ProofFile
from services.audit.tlog.proofs import Refuted, inclusion_proof, inclusion_spans

PROGRAMS: Final = ("verify.py", "signatures.py")
"""The first is run, and runs the other."""
_SELF_CHECK_SECONDS: Final = 600
_BY_IDX: Final = "SELECT * FROM audit.entry WHERE idx = $1 ORDER BY occurred_at LIMIT 1"
_BY_EVENT: Final = """
    WITH found AS MATERIALIZED (SELECT * FROM audit.entry WHERE event_id = $1) SELECT * FROM found ORDER BY idx LIMIT 1
"""
"""By time first goes the index of events: all ids are read in it, where an order at once would read all entries."""


class EntryNotProvedError(Exception):
    """What is stored for this entry is not what the signed tree holds. Next: phoihop ledger verify."""

    def __init__(self, idx: int) -> None:
        self.idx = idx
        super().__init__(f"entry {idx}")


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What the enclosed verifier said, run alone with a bare Python."""

    passed: bool
    said: str


async def find(dsn: str, which: int | UUID) -> Entry | None:
    """The entry at this place of the log, or the first one of this event. Raises `LedgerUnavailableError`."""
    async with snapshot(dsn) as connection:
        row = await connection.fetchrow(_BY_IDX if isinstance(which, int) else _BY_EVENT, which)
    return Entry(**dict(row)) if row else None


async def proofs(dsn: str, signed: Signed, entries: Sequence[Entry]) -> tuple[ProofFile, ...]:
    """The inclusion proof of each entry under the signed checkpoint, checked against the stored bytes.

    Raises `EntryNotProvedError`, `LedgerUnavailableError`.
    """
    size = signed.checkpoint.size
    if beyond := [entry.idx for entry in entries if entry.idx >= size]:
        raise EntryNotProvedError(beyond[0])
    spans = tuple({span for entry in entries for span in inclusion_spans(entry.idx, size)})
    async with snapshot(dsn) as connection:
        nodes = await read_nodes(connection, size, spans)
    if nodes.size < size:
        raise EntryNotProvedError(nodes.size)
    made = tuple(ProofFile(entry.idx, inclusion_proof(entry.idx, size, nodes), signed.note) for entry in entries)
    for entry, proof in zip(entries, made, strict=True):
        if isinstance(proof.verify(leaf_of(entry)), Refuted):
            raise EntryNotProvedError(entry.idx)
    return made


def leaf_of(entry: Entry) -> bytes:
    """The leaf input of a row as it is stored."""
    return leaf_input(entry, entry.recorded_at)


def evidence_files(
    under: Vouched, entries: Sequence[Entry], made: Sequence[ProofFile], texts: Sequence[Text] = ()
) -> dict[str, bytes]:
    """What an evidence file consists of, but for its pages for reading; texts need their parts among the entries."""
    files = {
        "checkpoint": under.signed.note.to_bytes(),
        "policy": policy_text(under.keys, under.quorum).encode(),
    }
    files |= {name: Path(__file__).with_name(name).read_bytes() for name in PROGRAMS}
    files |= {f"documents/{text.sha256}.json": text.content for text in texts}
    for entry, proof in zip(entries, made, strict=True):
        files[f"entries/{entry.idx}.leaf"] = leaf_of(entry)
        files[f"entries/{entry.idx}{SUFFIX}"] = proof.to_bytes()
    return files


def write(to: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder, or an archive where the name ends in `.zip`; nothing that is there is overwritten.

    Only the owner may read it: reports name people. Raises `UnusableFileError`.
    """
    try:
        if to.suffix.lower() == ".zip":
            to.touch(mode=0o600, exist_ok=False)
            with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
            return
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(to.iterdir()):
            raise UnusableFileError(f"{to}: not empty")
        for name, content in files.items():
            path = to / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise UnusableFileError(str(error)) from error


def self_check(to: Path) -> SelfCheck:
    """Run the enclosed verifier on what was written, from an otherwise empty folder."""
    with tempfile.TemporaryDirectory() as empty:
        for name in PROGRAMS:
            Path(empty, name).write_bytes(_enclosed(to, name))
        command = [
            sys.executable,
            "-I",
            "-S",
            str(Path(empty, PROGRAMS[0])),
            str(to.absolute()),
            "--trust-enclosed-policy",
        ]
        ran = subprocess.run(command, cwd=empty, capture_output=True, check=False, timeout=_SELF_CHECK_SECONDS)
    return SelfCheck(ran.returncode == 0, (ran.stdout + ran.stderr).decode("utf-8", "replace"))


def _enclosed(within: Path, name: str) -> bytes:
    if within.is_dir():
        return (within / name).read_bytes()
    with zipfile.ZipFile(within) as archive:
        return archive.read(name)
