"""Celery and Redis with their own advice for many short tasks: solo workers, late acknowledgement, a pool of producers.

One task per report puts all its audit rows into one transaction, then sends one task per message to a desk. Tasks may
come twice (`acks_late`), so rows are inserted only once; a desk would see the second message. Redis acknowledges before
its disk has a task when AOF is written every second (up to a second of them is lost at a power cut), not with `always`.
"""

import json
import os
import sys

import psycopg
from celery import Celery
from celery.signals import worker_init

from benchmarks.beside.job import BUS, COLUMNS, DSN, Fact, Notes, decisions, job, row

app = Celery("tuned", broker=os.environ[BUS])
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600},
    task_acks_late=True,
    task_acks_on_failure_or_timeout=False,
    task_ignore_result=True,
    task_default_delivery_mode="persistent",
    worker_disable_rate_limits=True,
    worker_enable_remote_control=False,
    worker_prefetch_multiplier=256,
    worker_send_task_events=False,
)
_VALUES = ", ".join(["%s"] * len(COLUMNS))
INSERT = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({_VALUES}) ON CONFLICT DO NOTHING"  # noqa: S608
table: dict[str, tuple[Fact, ...]] = {}
notes: Notes
database: psycopg.Connection


@worker_init.connect
def prepare(**_: object) -> None:
    """What a worker keeps: the table of decisions, one connection, its notes."""
    global notes, database
    table.update(decisions())
    notes, database = Notes(), psycopg.connect(os.environ[DSN])


@app.task(name="report")
def on_report(body: str) -> None:
    """Everything that follows from one report."""
    facts = table[json.loads(body)["report"]]
    report = json.loads(body)["report"]
    with database.transaction(), database.cursor() as cursor:
        cursor.executemany(INSERT, [row(fact) for fact in facts])
    with app.producer_pool.acquire(block=True) as producer:
        for fact in facts:
            if fact.desk is not None:
                to_desk.apply_async((report, fact.desk, fact.body), producer=producer, queue="desks", argsrepr="")


@app.task(name="desk")
def to_desk(report: str, desk: str, _body: str) -> None:
    """The desk has it."""
    notes.delivered(report, desk)


def send(first: int, last: int) -> None:
    """These reports, as fast as Redis takes them."""
    reports = job()[first:last]
    with app.producer_pool.acquire(block=True) as producer:
        Notes().begun()
        for one in reports:
            on_report.apply_async((one.body,), producer=producer, queue="reports", argsrepr="")


if __name__ == "__main__":
    send(int(sys.argv[1]), int(sys.argv[2]))
