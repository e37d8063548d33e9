"""Times what people ask the ledger for, under several indexes, and weighs the indexes."""

from collections.abc import Sequence
from random import Random
from time import perf_counter
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from benchmarks.ledger_facts import OPEN, PER_INCIDENT, Facts
from benchmarks.measuring import Figure, figure
from services.audit.connecting import Connection
from services.audit.evidence.nodes import read_nodes
from services.audit.reports.history import HISTORY, Course
from services.audit.reports.moments import month
from services.audit.tlog.proofs import inclusion_proof, inclusion_spans

ASKED: Final = 400
TRIES: Final = 5
"""Each question is asked so often and its best time counts: what is left out is waiting for a processor."""
TIMELINE: Final = "SELECT * FROM audit.entry WHERE incident_id = $1 ORDER BY idx"
WEIGHTS: Final = """
    SELECT am.amname AS method,
           (SELECT string_agg(pg_get_indexdef(i.indexrelid, place, true), ', ' ORDER BY place)
            FROM generate_series(1, i.indnatts) AS place) AS columns,
           sum(pg_relation_size(i.indexrelid))::bigint AS bytes
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
    WHERE i.indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass)
    GROUP BY 1, 2 ORDER BY 3 DESC
"""
STORED: Final = """
    SELECT sum(pg_table_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass
"""


class Asked(NamedTuple):
    """How long one question took, in milliseconds, and how many rows it had on average."""

    median: float
    p99: float
    rows: float


class Weighed(NamedTuple):
    """Bytes of the entries without their indexes, and of each index over all partitions."""

    stored: int
    indexes: dict[str, int]


async def weigh(connection: Connection) -> Weighed:
    """What is on disk now."""
    rows = await connection.fetch(WEIGHTS)
    indexes = {f"{row['method']} ({row['columns']})": row["bytes"] for row in rows}
    return Weighed(await connection.fetchval(STORED), indexes)


async def timelines(connection: Connection, facts: Facts, rows: int) -> Asked:
    """All of one incident, incidents drawn evenly."""
    draw, incidents = Random(1), rows // PER_INCIDENT // OPEN * OPEN  # noqa: S311
    return await _ask(connection, TIMELINE, [(UUID(facts.incident(draw.randrange(incidents))),) for _ in range(ASKED)])


async def histories(connection: Connection, facts: Facts) -> Asked:
    """The first page of one agency's month; large agencies are drawn more often, as they look more often."""
    draw = Random(2)  # noqa: S311
    months = [month(f"2026-{number:02}") for number in range(1, 13)]
    asked = [Course(facts.agency(draw.randrange(10_007)), *draw.choice(months)).values for _ in range(ASKED)]
    return await _ask(connection, HISTORY, asked)


async def proofs(connection: Connection, size: int) -> Asked:
    """One inclusion proof, entries drawn evenly."""
    draw, spent, lengths = Random(3), [], []  # noqa: S311
    for _ in range(ASKED + 20):
        index, each = draw.randrange(size), []
        for _ in range(TRIES):
            start = perf_counter()
            nodes = await read_nodes(connection, size, inclusion_spans(index, size))
            proof = inclusion_proof(index, size, nodes)
            each.append(perf_counter() - start)
        spent.append(min(each))
        lengths.append(len(proof))
    return _asked(spent[20:], lengths)


async def _ask(connection: Connection, sql: str, asked: Sequence[tuple[object, ...]]) -> Asked:
    statement = await connection.prepare(sql)
    for arguments in asked[:20]:
        await statement.fetch(*arguments)
    spent, lengths = [], []
    for arguments in asked:
        each = []
        for _ in range(TRIES):
            start = perf_counter()
            found = await statement.fetch(*arguments)
            each.append(perf_counter() - start)
        spent.append(min(each))
        lengths.append(len(found))
    return _asked(spent, lengths)


def _asked(spent: Sequence[float], lengths: Sequence[int]) -> Asked:
    ordered = sorted(spent)
    return Asked(ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3, sum(lengths) / len(lengths))


def rate(rows: int, seconds: Sequence[float]) -> Figure:
    """Rows a second."""
    return figure([rows / each for each in seconds])


async def connected(dsn: str, plans: str) -> Connection:
    """A connection for questions, as superuser.

    `force_custom_plan`, as the ledger's readers have it, plans every question for its agency and its month; `auto`
    plans a question whose plan is always the same once, and not each time for all months.
    """
    return await asyncpg.connect(dsn, server_settings={"plan_cache_mode": plans})
