"""Celery and Redis as most programs have them: `delay` with dictionaries, the default pool, a task for every audit row.

Default settings, but for a worker that starts a process for each core: a task is acknowledged before it is done (a
crash loses it), and Redis writes its file every second.
"""

import json
import os
import sys
from typing import Any

from celery import Celery
from sqlmodel import Session, create_engine, text

from benchmarks.beside.job import BUS, COLUMNS, DSN, Fact, Notes, decisions, job, row

app = Celery("usual", broker=os.environ[BUS])
app.conf.broker_connection_retry_on_startup = True
engine = create_engine(os.environ[DSN].replace("postgresql://", "postgresql+psycopg://"))
_VALUES = ", ".join(f":{name}" for name in COLUMNS)
INSERT = text(f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({_VALUES})")  # noqa: S608 - names of our own
table = decisions() if "worker" in sys.argv else {}
notes = Notes()


@app.task(name="on_report")
def on_report(report: dict[str, Any]) -> None:
    """Everything that follows from one report."""
    for fact in table[report["report"]]:
        audit.delay(fact._asdict())
        if fact.desk is not None:
            to_desk.delay(report["report"], fact.desk, fact._asdict())


@app.task(name="audit")
def audit(fact: dict[str, Any]) -> None:
    """One row, one transaction."""
    with Session(engine) as session:
        session.execute(INSERT, dict(zip(COLUMNS, row(Fact(**fact)), strict=True)))
        session.commit()


@app.task(name="to_desk")
def to_desk(report: str, desk: str, _fact: dict[str, Any]) -> None:
    """The desk has it."""
    notes.delivered(report, desk)


def send(first: int, last: int) -> None:
    """These reports, as fast as Redis takes them."""
    reports = [json.loads(one.body) for one in job()[first:last]]
    notes.begun()
    for report in reports:
        on_report.delay(report)


if __name__ == "__main__":
    send(int(sys.argv[1]), int(sys.argv[2]))
