"""procrastinate: jobs in Postgres, no broker. Asynchronous tasks, jobs to desks deferred together, done jobs deleted.

A job is on disk when it is deferred: its queue is a table of the same durable Postgres as the audit rows.
"""

import asyncio
import json
import os
import sys

from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from benchmarks.beside.job import COLUMNS, DSN, Notes, decisions, job, row

app = App(connector=PsycopgConnector(conninfo=os.environ[DSN], max_size=12))
_VALUES = ", ".join(["%s"] * len(COLUMNS))
INSERT = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({_VALUES}) ON CONFLICT DO NOTHING"  # noqa: S608
table = decisions() if "worker" in sys.argv else {}
notes = Notes()
pool = AsyncConnectionPool(os.environ[DSN], min_size=1, max_size=10, open=False)


@app.task(name="report", queue="reports")
async def on_report(body: str) -> None:
    """Everything that follows from one report: its rows in one transaction, its jobs in one statement."""
    await pool.open()  # nothing when it is open
    report = json.loads(body)["report"]
    facts = table[report]
    async with pool.connection() as connection, connection.cursor() as cursor:
        await cursor.executemany(INSERT, [row(fact) for fact in facts])
    addressed = [fact for fact in facts if fact.desk is not None]
    jobs = [{"report": report, "desk": fact.desk, "body": fact.body} for fact in addressed]
    await to_desk.batch_defer_async(*jobs)


@app.task(name="desk", queue="desks")
async def to_desk(report: str, desk: str, body: str) -> None:  # noqa: ARG001 - what a desk gets
    """The desk has it."""
    notes.delivered(report, desk)


async def send(first: int, last: int) -> None:
    """These reports, a hundred in a statement."""
    reports = job()[first:last]
    async with app.open_async():
        notes.begun()
        for start in range(0, len(reports), 100):
            await on_report.batch_defer_async(*({"body": one.body} for one in reports[start : start + 100]))


async def prepare() -> None:
    """Its own tables."""
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


if __name__ == "__main__":
    asyncio.run(prepare() if sys.argv[1] == "prepare" else send(int(sys.argv[1]), int(sys.argv[2])))
