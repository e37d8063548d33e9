"""The measures of the ledger's writer. What they mean to whoever is called at night, the runbook says."""

from typing import Final

from prometheus_client import Counter, Gauge

MISSING: Final = Gauge(
    "phoihop_ledger_missing_sequence",
    "The first stream sequence that the ledger needs and is not given; 0 while nothing is missing. Alarm above 0.",
)
SIZE: Final = Gauge("phoihop_ledger_entries", "Entries in the ledger.")
REPEATED_EVENTS: Final = Counter("phoihop_ledger_repeated_events_total", "Messages that repeated an event id.")
