"""How fast the ledger records, verifies and answers, beside a bare COPY and beside SQLModel, on a Postgres of its own.

Wall clock, for two programs work at once; every ratio is of pairs within one round.
"""

import asyncio
import multiprocessing
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Any, Final, NamedTuple

from benchmarks.ledger_facts import Facts
from benchmarks.ledger_ingest import BATCH, BATCHES, SIDES, Loaded, compare, load, make_months
from benchmarks.ledger_queries import Asked, Weighed, connected, histories, proofs, rate, timelines, weigh
from benchmarks.measuring import figure, machine, ratios, table, write
from services.audit.migration import migrate
from services.audit.recomputing.verification import verify
from services.runtime.embedded.postgres import Authentication, start_postgres

MIX: Final = "short"


class Verified(NamedTuple):
    """What a verification in a process of its own came to."""

    seconds: float
    cpu_seconds: float
    """Of all its processes; the server's is not in it."""
    peak_bytes: int
    """The largest resident size of the first process and of the largest it started, together."""


def run(json: Path, rounds: int, _offline: bool, rows: int = 200_000, dsn: str | None = None) -> None:  # noqa: FBT001
    """All of it. With `dsn` on a ledger of so many rows that was loaded before."""
    asyncio.run(_run(json, rounds, rows, dsn))


async def _run(json: Path, rounds: int, rows: int, dsn: str | None) -> None:
    async with _server(dsn) as server:
        loaded = None if dsn else await _loaded(server, rows)
        asked, weighed = await _asked(server, rows)
        _print_rest(rows, asked, weighed.stored, weighed.indexes)
        verified = [await _elsewhere(_verify, server, rows) for _ in range(1 if rows > 1_000_000 else 3)]  # noqa: PLR2004
        ingest = await compare(server, rows, MIX, rounds)
    _print_ingest(ingest)
    print(
        f"\nverification  {rate(rows, [each.seconds for each in verified]).text(0)} entries/s, "
        f"{max(each.peak_bytes for each in verified) / 1e6:,.0f} MB; writer: {loaded}"
    )
    write(
        json,
        {
            "machine": machine(("asyncpg", "sqlmodel")) | {"unit": "seconds of wall clock unless said"},
            "rows": rows,
            "mix": MIX,
            "load": loaded and loaded._asdict() | {"rows_per_second": rows / loaded.seconds},
            "ingest_rows_per_second": {side: rate(BATCH * BATCHES, spent)._asdict() for side, spent in ingest.items()},
            "ingest_ratio": {side: ratios(spent, ingest[SIDES[0]])._asdict() for side, spent in ingest.items()},
            "verification": [each._asdict() | {"rows_per_second": rows / each.seconds} for each in verified],
            "asked_milliseconds": {name: each._asdict() for name, each in asked.items()},
            "stored_bytes": weighed.stored,
            "index_bytes": weighed.indexes,
            "index_share": sum(weighed.indexes.values()) / weighed.stored,
        },
    )


async def _asked(dsn: str, rows: int) -> tuple[dict[str, Asked], Weighed]:
    once, anew = await connected(dsn, "auto"), await connected(dsn, "force_custom_plan")
    await once.execute("ANALYZE audit.entry")
    facts, weighed = Facts(rows, MIX), await weigh(once)
    asked = {
        "timeline of one incident": await timelines(once, facts, rows),
        "newest 100 of one agency in one month": await histories(anew, facts),
    }
    async with anew.transaction():
        asked["inclusion proof"] = await proofs(anew, rows)
    await once.close()
    await anew.close()
    return asked, weighed


@asynccontextmanager
async def _server(dsn: str | None) -> AsyncIterator[str]:
    if dsn:
        yield dsn
        return
    folder = await asyncio.to_thread(_folder)
    server = await start_postgres(folder / "postgres", authentication=Authentication.PASSWORD)
    try:
        yield server.dsn
    finally:
        await server.stop()
        shutil.rmtree(folder)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="phoihop-benchmark-"))
    folder.chmod(0o711)  # started by root, Postgres runs as an account that must pass through
    return folder


async def _loaded(dsn: str, rows: int) -> Loaded:
    await migrate(dsn)
    await make_months(dsn)
    loaded: Loaded = await _elsewhere(load, dsn, rows, MIX)
    return loaded


async def _elsewhere(work: Any, *arguments: object) -> Any:  # noqa: ANN401 - whatever the work returns
    """In a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)


def _verify(dsn: str, rows: int) -> Verified:
    start, cpu = perf_counter(), process_time()
    found = asyncio.run(verify(dsn))
    seconds, own, helped = perf_counter() - start, getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    cpu_seconds = process_time() - cpu + helped.ru_utime + helped.ru_stime
    spent = Verified(seconds, cpu_seconds, (own.ru_maxrss + helped.ru_maxrss) * 1024)
    assert found.verified, found.findings
    assert found.entries == rows, found.entries
    return spent


def _print_ingest(ingest: Mapping[str, list[float]]) -> None:
    ours = ingest[SIDES[0]]
    table(
        f"ingest, batches of {BATCH}",
        ("", "rows/s", "seconds per ours"),
        [(side, rate(BATCH * BATCHES, spent).text(0), ratios(spent, ours).text(2)) for side, spent in ingest.items()],
    )


def _print_rest(rows: int, asked: Mapping[str, Asked], stored: int, indexes: Mapping[str, int]) -> None:
    table(
        f"questions at {rows:,} entries, milliseconds",
        ("", "median", "p99", "rows"),
        [(name, f"{each.median:.2f}", f"{each.p99:.2f}", f"{each.rows:.0f}") for name, each in asked.items()],
    )
    share = figure([sum(indexes.values()) / stored * 100])
    table(
        f"indexes, {share.median:.1f} % of {stored / rows:,.0f} stored bytes an entry",
        ("", "bytes an entry"),
        [(name, f"{size / rows:.1f}") for name, size in indexes.items()],
    )
