"""Stored tiles: written with their batch, read as c2sp.org/tlog-tiles wants them, believed by nobody who verifies."""

from collections.abc import Sequence
from io import BytesIO

import asyncpg
import pytest
import pytest_asyncio

from services.audit.connecting import Connection
from services.audit.copying import COLUMNS, END, START, encode
from services.audit.entries import Head, entry_of, leaf_input, microseconds
from services.audit.evidence.nodes import read_nodes, recompute_nodes
from services.audit.evidence.tile_reading import TileMissingError, bundle_content, tile_content
from services.audit.migration import migrate
from services.audit.notary.checkpointing import snapshot
from services.audit.recomputing.checking import Finding, Flaw
from services.audit.recomputing.verification import verify
from services.audit.store import Ledger
from services.audit.tlog.merkle import leaf_hash
from services.audit.tlog.proofs import (
    Proved,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
    verify_consistency,
    verify_inclusion,
)
from services.audit.tlog.tiles import Bundle, Tile, TileNodes, parse_path, read_bundle, tiles_of
from tests.ledgers import RECORDED, messages

LAST = 700
BATCHES = ((1, 200), (201, 600), (601, LAST))
LEAVES = [leaf_input(message, RECORDED) for message in messages(1, LAST)]


@pytest_asyncio.fixture
async def filled(ledger: Ledger) -> Ledger:
    """Seven hundred entries: two full tiles, filled by batches that end elsewhere."""
    for first, last in BATCHES:
        await ledger.append(messages(first, last), RECORDED)
    return ledger


@pytest_asyncio.fixture
async def unguarded(filled: Ledger, superuser: Connection) -> Connection:
    """A superuser who has switched the guard of the tiles off."""
    assert (await filled.head()).size == LAST
    await superuser.execute("SET event_triggers = off; ALTER TABLE audit.tile DISABLE TRIGGER ALL")
    return superuser


async def findings(superuser: Connection, dsn: str, attack: str) -> Sequence[Finding]:
    assert await superuser.execute(attack) not in {"UPDATE 0", "DELETE 0", "INSERT 0 0"}
    found = await verify(dsn)
    assert not found.verified
    return found.findings


@pytest.mark.usefixtures("filled")
async def test_every_tile_and_bundle_can_be_served_to_tlog_tiles_clients(ledger_database: str) -> None:
    """A client that knows nothing of Postgres follows paths only, and comes to the ledger's root and its entries."""
    async with snapshot(ledger_database) as connection:
        served = {tile.path: await tile_content(connection, tile) for tile in tiles_of(LAST)}
        bundles = [await bundle_content(connection, Bundle(index, min(256, LAST - 256 * index))) for index in range(3)]
        nodes = await recompute_nodes(connection, LAST, inclusion_spans(300, LAST))
    assert set(served) == {"tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"}
    read = {parse_path(path): content for path, content in served.items()}
    lookup = TileNodes.of(LAST, {tile: content for tile, content in read.items() if isinstance(tile, Tile)})
    assert inclusion_proof(300, LAST, lookup) == inclusion_proof(300, LAST, nodes)
    entries = [entry for index, content in enumerate(bundles) for entry in read_bundle(content, (256, 256, 188)[index])]
    assert entries == LEAVES


@pytest.mark.parametrize(("index", "size"), [(0, LAST), (300, LAST), (LAST - 1, LAST), (255, 256), (100, 513)])
async def test_proofs_made_from_tiles_hold_at_any_size(
    filled: Ledger, ledger_database: str, index: int, size: int
) -> None:
    root = (await filled.head()).root
    async with snapshot(ledger_database) as connection:
        nodes = await read_nodes(connection, size, inclusion_spans(index, size))
        whole = await read_nodes(connection, LAST, consistency_spans(size, LAST))
        earlier = Head().range.extend(map(leaf_hash, LEAVES[:size])).root()
    proof = inclusion_proof(index, size, nodes)
    assert verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, earlier) == Proved()
    assert verify_consistency(size, LAST, consistency_proof(size, LAST, whole), earlier, root) == Proved()


async def test_a_missing_tile_is_made_up_for_from_the_leaves(unguarded: Connection, ledger_database: str) -> None:
    await unguarded.execute("DELETE FROM audit.tile WHERE index = 0")
    spans = inclusion_spans(600, LAST)
    async with snapshot(ledger_database) as connection:
        with pytest.raises(TileMissingError):
            await tile_content(connection, Tile(1, 0, 2))
        nodes = await read_nodes(connection, LAST, spans)
        assert nodes == await recompute_nodes(connection, LAST, spans)


@pytest.mark.parametrize(
    ("attack", "first", "last"),
    [
        ("UPDATE audit.tile SET root = sha256('') WHERE index = 1", 256, 511),
        ("DELETE FROM audit.tile WHERE index = 0", 0, 255),
        ("UPDATE audit.tile SET index = 5 WHERE index = 1", 256, 511),
        ("INSERT INTO audit.tile VALUES (0, 2, sha256(''))", 512, 767),
        ("INSERT INTO audit.tile VALUES (1, 0, sha256(''))", 0, 65_535),
    ],
)
async def test_a_changed_a_missing_and_an_extra_tile_are_found_with_their_entries(
    unguarded: Connection, ledger_database: str, attack: str, first: int, last: int
) -> None:
    """Breaks if verification used what it is to check: proofs would be made from tiles that are of no entry."""
    assert Finding(Flaw.TILE_BROKEN, first, last) in await findings(unguarded, ledger_database, attack)


async def test_a_ledger_of_the_revision_before_gets_its_tiles(postgres_database: str) -> None:
    """Entries that were recorded without tiles; without them every proof would read the whole ledger for ever."""
    await migrate(postgres_database, "0001")
    superuser = await asyncpg.connect(postgres_database)
    head = Head()
    for first, last in BATCHES:
        rows = [entry_of(m.stream_seq - 1, m, microseconds(RECORDED)) for m in messages(first, last)]
        end = head.range.extend(row.leaf_hash for row in rows)
        await superuser.copy_to_table(
            "entry", schema_name="audit", columns=COLUMNS, source=BytesIO(START + encode(rows) + END), format="binary"
        )
        await superuser.execute(
            "INSERT INTO audit.position VALUES ($1, $2, $2, $3, $4, $5)",
            *(head.size, end.size, RECORDED, end.root(), end.to_bytes()),
        )
        head = Head(end.size, end)
    await migrate(postgres_database)
    found = await verify(postgres_database)
    assert (found.verified, found.entries) == (True, LAST)
    assert await superuser.fetchval("SELECT count(*) FROM audit.tile") == 2
    ledger = await Ledger.open(postgres_database)
    await ledger.append(messages(LAST + 1, 800), RECORDED)
    await ledger.close()
    assert await superuser.fetchval("SELECT count(*) FROM audit.tile") == 3
    assert (await verify(postgres_database)).verified
    await superuser.close()
