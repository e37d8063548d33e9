"""`phoihop ledger tiles`: a folder that a stranger can read, who knows c2sp.org/tlog-tiles and nothing of this code.

`Reader` is written from the specifications (tlog-tiles, tlog-checkpoint, signed-note, RFC 6962) and imports nothing of
the project.
"""

import asyncio
import base64
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.entries import Received, leaf_input
from services.audit.notary.key_files import LogKeys
from services.audit.store import Ledger
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import Note
from services.routing.in_force.reference import load_reference
from services.routing.regulations.record.steps import event_of
from services.routing.regulations.rules.texts import text_of_register, text_of_set
from tests.ledgers import RECORDED, STORED, message, messages
from tests.notaries import ORIGIN, cut, document, home, keys, typed

__all__ = ["home", "keys"]


class Reader:
    """Somebody else's client of a tile log over plain files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        origin, size, root, *_ = (folder / "checkpoint").read_text(encoding="utf-8").split("\n")
        self.origin, self.size, self.root = origin, int(size), base64.b64decode(root)

    def path(self, level: str, index: int, width: int) -> Path:
        digits = [index % 1000]
        while index := index // 1000:
            digits.append(index % 1000)
        groups = [f"x{each:03}" for each in reversed(digits[1:])]
        name = f"{digits[0]:03}" + ("" if width == 256 else f".p/{width}")
        return self.folder.joinpath("tile", level, *groups, *name.split("/"))

    def widths(self, nodes: int) -> list[int]:
        return [min(256, nodes - first) for first in range(0, nodes, 256)]

    def entries(self) -> list[bytes]:
        found = []
        for index, width in enumerate(self.widths(self.size)):
            content = self.path("entries", index, width).read_bytes()
            while content:
                length = int.from_bytes(content[:2], "big")
                found.append(content[2 : 2 + length])
                content = content[2 + length :]
        return found

    def level(self, level: int) -> list[bytes]:
        hashes = []
        for index, width in enumerate(self.widths(self.size >> 8 * level)):
            content = self.path(str(level), index, width).read_bytes()
            assert len(content) == 32 * width
            hashes += [content[at : at + 32] for at in range(0, len(content), 32)]
        return hashes

    def check(self, levels: int) -> list[bytes]:
        """The entries, once every tile is what the entries say and the whole is what was signed."""
        entries = self.entries()
        row = [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
        assert len(row) == self.size
        for level in range(levels):
            assert self.level(level) == row
            row = [tree_hash(row[at : at + 256]) for at in range(0, len(row) - len(row) % 256, 256)]
        assert row == [] or levels == 0
        assert tree_hash([hashlib.sha256(b"\x00" + entry).digest() for entry in entries]) == self.root
        return entries


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, over leaf hashes, as it is defined."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_hash(hashes[:split]) + tree_hash(hashes[split:])).digest()


async def exported(dsn: str, folder: Path) -> Any:
    result = await typed(dsn, "tiles", "--to", str(folder))
    assert result.exit_code == 0, result.output
    return document(result)


def files(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


async def test_a_stranger_reads_the_folder_and_comes_to_every_entry_and_the_signed_root(
    ledger: Ledger, reader_dsn: str, keys: LogKeys, tmp_path: Path
) -> None:
    await ledger.append(messages(1, 700), RECORDED)
    folder = tmp_path / "tiles"
    told = await exported(reader_dsn, folder)
    reader = Reader(folder)
    assert (reader.origin, reader.size) == (ORIGIN, 700)
    assert reader.check(2) == [leaf_input(one, RECORDED) for one in messages(1, 700)]
    assert told.items() >= {"size": 700, "before": 0, "root": reader.root.hex(), "oversized": []}.items()
    assert set(files(folder)) == {
        "checkpoint",
        *(f"tile/{level}/{name}" for level in ("0", "entries") for name in ("000", "001", "002.p/188")),
        "tile/1/000.p/2",
    }
    assert told["files"] == len(files(folder))
    assert folder.stat().st_mode & 0o077 == 0, "the bundles hold what people said"
    assert told["reading"]["waiting"] == 1
    signature = Note.parse((folder / "checkpoint").read_bytes()).signatures[0]
    assert signature.name == keys.current()[0].verifier.name


@pytest.mark.usefixtures("keys")
async def test_a_later_export_adds_what_is_new_and_changes_no_full_tile(
    ledger: Ledger, ledger_database: str, tmp_path: Path
) -> None:
    folder = tmp_path / "tiles"
    for first, last, before, written in ((1, 300, 0, 6), (301, 520, 300, 6), (521, 520, 520, 1)):
        await ledger.append(messages(first, last), RECORDED)
        earlier = files(folder)
        told = await exported(ledger_database, folder)
        assert (told["before"], told["files"]) == (before, written)
        assert Reader(folder).check(2) == [leaf_input(one, RECORDED) for one in messages(1, last)]
        kept = {path: content for path, content in earlier.items() if path != "checkpoint"}
        assert kept.items() <= files(folder).items()


@pytest.mark.usefixtures("keys")
async def test_an_interrupted_export_goes_on_and_trusts_no_tile_that_its_entries_do_not_give(
    ledger: Ledger, ledger_database: str, tmp_path: Path
) -> None:
    """Breaks if what a crash or a power cut left half written became part of the folder for good."""
    await ledger.append(messages(1, 700), RECORDED)
    whole, cut_off = tmp_path / "whole", tmp_path / "cut off"
    await exported(ledger_database, whole)
    shutil.copytree(whole, cut_off)
    for name in ("checkpoint", "tile/1/000.p/2", "tile/entries/002.p/188", "tile/0/002.p/188"):
        (cut_off / name).unlink()
    (cut_off / "tile/0/001").write_bytes(bytes(256 * 32))
    told = await exported(ledger_database, cut_off)
    assert files(cut_off) == files(whole)
    assert told["files"] == 6, "the first tile and its bundle were whole"


@pytest.mark.usefixtures("keys")
async def test_an_export_of_seventy_thousand_entries_has_three_levels(
    ledger: Ledger, ledger_database: str, tmp_path: Path
) -> None:
    """The names beyond 999 and the third level are where such a writer goes wrong."""
    for first in range(1, 70_000, 10_000):
        await ledger.append(messages(first, first + 9_999), RECORDED)
    told = await exported(ledger_database, tmp_path / "tiles")
    reader = Reader(tmp_path / "tiles")
    assert (told["size"], len(reader.check(3))) == (70_000, 70_000)
    assert len(reader.level(2)) == 1


@pytest.mark.usefixtures("keys")
async def test_a_rewritten_ledger_puts_no_checkpoint_into_the_folder(
    ledger: Ledger, ledger_database: str, superuser: Connection, tmp_path: Path
) -> None:
    """Breaks if the folder could show another history than the one somebody has already fetched from it."""
    folder = tmp_path / "tiles"
    await ledger.append(messages(1, 300), RECORDED)
    await exported(ledger_database, folder)
    before = (folder / "checkpoint").read_bytes()
    await ledger.append(messages(301, 400), RECORDED)
    assert (await typed(ledger_database, "checkpoint", "--to", str(tmp_path / "400"))).exit_code == 0
    await superuser.execute("SET phoihop.maintenance = 'attack'; SET event_triggers = off")
    await superuser.execute("ALTER TABLE audit.entry DISABLE TRIGGER ALL")
    for table in await superuser.fetch(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass"
    ):
        await superuser.execute(f"ALTER TABLE {table[0]} DISABLE TRIGGER ALL")
    await superuser.execute("UPDATE audit.entry SET body = body || ' ' WHERE idx = 350")
    result = await typed(ledger_database, "tiles", "--to", str(folder))
    assert result.exit_code == 1, result.output
    assert (folder / "checkpoint").read_bytes() == before
    await cut(superuser, 200)
    assert (await typed(ledger_database, "tiles", "--to", str(folder))).exit_code == 1
    assert (folder / "checkpoint").read_bytes() == before


async def test_tiles_of_another_log_or_of_a_later_checkpoint_are_left_alone(
    ledger: Ledger, ledger_database: str, keys: LogKeys, tmp_path: Path
) -> None:
    await ledger.append(messages(1, 20), RECORDED)
    folder = tmp_path / "tiles"
    folder.mkdir()
    for text in (Checkpoint("other.example/log", 5, bytes(32)).text, Checkpoint(ORIGIN, 21, bytes(32)).text):
        signer, _ = keys.current()
        (folder / "checkpoint").write_bytes(Note(text).signed(signer.sign(text)).to_bytes())
        assert (await typed(ledger_database, "tiles", "--to", str(folder))).exit_code == 2
        assert set(files(folder)) == {"checkpoint"}
    (folder / "checkpoint").write_text("no note", encoding="utf-8")
    assert (await typed(ledger_database, "tiles", "--to", str(folder))).exit_code == 2


@pytest.mark.usefixtures("keys")
async def test_a_stranger_reads_the_first_entries_of_a_hub_and_puts_its_texts_together(
    ledger: Ledger, ledger_database: str, tmp_path: Path
) -> None:
    """Breaks when a text is recorded in parts that no bundle holds: then the log cannot be read from its start."""
    reference = load_reference(Path(__file__).parents[3] / "deploy" / "reference")
    texts = (text_of_set(reference.regulations.regulation_set), text_of_register(reference.register.register))
    steps = [event_of(part, STORED, None) for text in texts for part in text.parts()]
    recorded = [Received(seq, each.subject, each.to_bytes(), STORED) for seq, each in enumerate(steps, start=1)]
    await ledger.append([*recorded, *messages(len(recorded) + 1, 300)], RECORDED)
    told = await exported(ledger_database, tmp_path / "tiles")
    assert told["oversized"] == []
    bodies = [entry.partition(b"\n")[2] for entry in Reader(tmp_path / "tiles").check(2)[: len(recorded)]]
    contents: dict[str, bytes] = {}
    for body in map(json.loads, bodies):
        part = body["data"]
        contents[part["sha256"]] = contents.get(part["sha256"], b"") + base64.urlsafe_b64decode(part["content"])
    assert [hashlib.sha256(content).hexdigest() for content in contents.values()] == list(contents)
    assert set(contents.values()) == {text.content for text in texts}


@pytest.mark.usefixtures("keys")
async def test_an_entry_no_bundle_can_hold_has_its_hash_in_the_tiles_and_is_named(
    ledger: Ledger, ledger_database: str, tmp_path: Path
) -> None:
    long = message(3, json.dumps({"note": "x" * 70_000}).encode())
    batch = [*messages(1, 2), long, *messages(4, 300)]
    await ledger.append(batch, RECORDED)
    told = await exported(ledger_database, tmp_path / "tiles")
    reader = Reader(tmp_path / "tiles")
    leaves = [hashlib.sha256(b"\x00" + leaf_input(one, RECORDED)).digest() for one in batch]
    assert told["oversized"] == [2]
    assert (reader.level(0), tree_hash(leaves)) == (leaves, reader.root)
    assert not reader.path("entries", 0, 256).exists()
    beside = [(tmp_path / "tiles" / "leaf" / str(idx)).read_bytes() for idx in range(256)]
    assert [hashlib.sha256(b"\x00" + entry).digest() for entry in beside] == leaves[:256]
    shown = await asyncio.to_thread(
        CliRunner().invoke, commands, ["tiles", "--to", str(tmp_path / "b"), "--dsn", ledger_database, "--lang", "en"]
    )
    assert "1 entries longer than 65,535 bytes" in shown.stdout
