"""Says what job a peer is given and how it tells what it did. Standard library only: it runs among a peer's packages.

A peer gets a report as its sender wrote it, finds in a table what our engine decided of it, hands every message to its
desk, and puts every fact into Postgres. So peers are charged neither with rules nor with making facts.
"""

import json
import os
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

COLUMNS: Final = ("event_id", "occurred_at", "incident_id", "event_type", "agency", "subject", "leaf_hash", "body")
_IDS: Final = "event_id uuid NOT NULL UNIQUE, occurred_at timestamptz NOT NULL, incident_id uuid"
_TEXTS: Final = (
    "event_type text NOT NULL, agency text, subject text NOT NULL, leaf_hash bytea NOT NULL, body bytea NOT NULL"
)
TABLE: Final = f"""
CREATE TABLE entry (idx bigserial PRIMARY KEY, {_IDS}, {_TEXTS}, recorded_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON entry (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX ON entry (agency, occurred_at) WHERE agency IS NOT NULL;
CREATE INDEX ON entry USING brin (occurred_at);
"""
"""The columns and indexes of our ledger; it has its tree and its partitions beside."""
_JOB, _NOTES = "PEER_JOB", "PEER_NOTES"
BUS: Final = "PEER_BUS"
"""Where the peer's broker is."""
DSN: Final = "PEER_DSN"
"""The database of the round."""


class Fact(NamedTuple):
    """One thing that is on record because of a report."""

    event_id: str
    occurred_at: str
    incident_id: str | None
    event_type: str
    agency: str | None
    subject: str
    desk: str | None
    """Whom it must be handed to; None when nobody."""
    body: str


class Report(NamedTuple):
    """One report as it is sent, and what follows from it."""

    report: str
    body: str
    facts: tuple[Fact, ...]


Row = tuple[str, str, str | None, str, str | None, str, bytes, bytes]


def leaf_hash(body: bytes) -> bytes:
    """What an audit row holds beside the body."""
    return sha256(b"\0" + body).digest()


def row(fact: Fact) -> Row:
    """What an audit row of it holds, in the order of COLUMNS."""
    body = fact.body.encode()
    return (*fact[:6], leaf_hash(body), body)


def write_job(path: Path, reports: Sequence[Report]) -> None:
    """Where peers find it."""
    path.write_text(json.dumps(reports), encoding="utf-8")


def job() -> list[Report]:
    """All reports in the order they are sent."""
    read = json.loads(Path(os.environ[_JOB]).read_text(encoding="utf-8"))
    return [Report(report, body, tuple(Fact(*fact) for fact in facts)) for report, body, facts in read]


def decisions() -> dict[str, tuple[Fact, ...]]:
    """The table that stands for an engine: report -> its facts."""
    return {one.report: one.facts for one in job()}


class Notes:
    """Where senders and desks write what happened, a line each, whole lines only."""

    def __init__(self) -> None:
        self._file = os.open(os.environ[_NOTES], os.O_WRONLY | os.O_APPEND)

    def begun(self) -> None:
        """The first report is sent now."""
        os.write(self._file, f"begun {time.monotonic()}\n".encode())

    def delivered(self, report: str, desk: str) -> None:
        """The desk has a message that follows from this report."""
        os.write(self._file, f"{report} {desk}\n".encode())


def environment(job_file: Path, notes: Path, bus: str, dsn: str) -> dict[str, str]:
    """How a peer's processes learn where everything is."""
    return {_JOB: str(job_file), _NOTES: str(notes), BUS: bus, DSN: dsn}
