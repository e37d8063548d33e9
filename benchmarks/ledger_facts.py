"""Makes the facts of the ledger's benchmark: real bodies of one run of the demonstration under ids of their own.

Twenty facts an incident, fifty incidents open at a time, evenly spread over a year from 1 January 2026; agencies as
unequal as real ones. Ids look as ours do, random. The same number always gives the same fact.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from services.audit.entries import Received

MIXES: Final = {
    "short": ("ReportAccepted", *("DispatchIssued",) * 2, *("DispatchDelivered",) * 9, *("DispatchAcknowledged",) * 8),
    "whole": (
        *("ReportAccepted", "IncidentOpened"),
        *("DispatchIssued", "DispatchDelivered", "DispatchAcknowledged") * 6,
    ),
}
"""`whole` is what an incident consists of, 1.9 kB a fact; `short` the same kinds with 1 kB a fact."""
PER_INCIDENT: Final = 20
OPEN: Final = 50
AGENCIES: Final = 3400
"""The communes and provinces of Việt Nam with a desk each."""
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
YEAR: Final = timedelta(days=365)
_SAMPLES: Final = Path(__file__).with_name("ledger_facts.json")
_TIME: Final = b"2026-01-01T00:00:00.000000Z"


class _Template(NamedTuple):
    subject: str
    body: bytes


class Facts:
    """The facts of a ledger of `rows`, in stream order from any number on."""

    def __init__(self, rows: int, mix: str = "short") -> None:
        samples = {each["event"]["type"].split(".")[1]: each for each in json.loads(_SAMPLES.read_text("utf-8"))}
        self._steps = [_template(samples[kind]) for kind in MIXES[mix]]
        self._step = YEAR / rows
        ranks = range(1, AGENCIES + 1)
        self._agencies = Random(6).choices(  # noqa: S311
            [f"ubnd-x-{rank:04}" for rank in ranks], [1 / rank for rank in ranks], k=10_007
        )

    def received(self, first: int, count: int) -> list[Received]:
        """The messages with the sequences from `first` on."""
        return [self._fact(seq) for seq in range(first, first + count)]

    def batches(self, first: int, count: int, size: int = 500) -> Iterator[list[Received]]:
        """So many messages in batches."""
        for start in range(first, first + count, size):
            yield self.received(start, min(size, first + count - start))

    def agency(self, rank: int) -> str:
        """One agency; those drawn often are the large ones."""
        return self._agencies[rank % len(self._agencies)]

    def incident(self, number: int) -> str:
        """The id of one incident."""
        return _id(b"i%d" % number)

    def _fact(self, seq: int) -> Received:
        wave, within = divmod(seq - 1, OPEN * PER_INCIDENT)
        step, slot = divmod(within, OPEN)
        number = wave * OPEN + slot
        template, incident, event = self._steps[step], self.incident(number), _id(b"e%d" % seq)
        agency, stored = self.agency(number * 7 + step), START + self._step * seq
        subject = template.subject.replace("INCIDENT", incident).replace("AGENCY", agency)
        body = (
            template.body.replace(b"SUBJECT", subject.encode())
            .replace(b"INCIDENT", incident.encode())
            .replace(b"EVENT", event.encode())
            .replace(b"AGENCY", agency.encode())
            .replace(_TIME, stored.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode())
        )
        return Received(seq, subject, body, stored)


def _template(sample: dict[str, Any]) -> _Template:
    """A sample with words in place of what differs from fact to fact."""
    event: dict[str, Any] = sample["event"]
    subject, incident = str(sample["subject"]), event.get("incidentid")
    tokens = subject.split(".")
    agency = tokens[4] if "dispatch" in tokens else tokens[2] if tokens[1] == "report" else "-"
    text = json.dumps(
        event | {"id": "EVENT", "time": _TIME.decode(), "subject": "SUBJECT"}, ensure_ascii=False, separators=(",", ":")
    )
    subject = subject.replace(f".{agency}.", ".AGENCY.")
    if incident:
        text, subject = text.replace(incident, "INCIDENT"), subject.replace(incident, "INCIDENT")
    return _Template(subject, text.replace(f'"{agency}"', '"AGENCY"').encode())


def _id(name: bytes) -> str:
    text = md5(name, usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-a{text[17:20]}-{text[20:]}"
