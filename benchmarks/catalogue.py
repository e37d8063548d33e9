"""Which benchmarks there are and what they may be told. Runs none."""

from typing import Any, Final

BENCHMARKS: Final = {
    "deadlines": "thousands of obligations due at one instant, and some at rest, on a real server and a real routing",
    "desk": "from a dispatch on record to its row in a browser, at 50 a second",
    "decide": "one routing decision, by size of the set and beside other rule engines",
    "flooding": "how far one unit that sends as fast as it can delays another, on a real server and a real intake",
    "intake": "receipts a second of the real intake, fsync included, beside bare publishing",
    "journey": "how many reports a second go all the way into the ledger, at what cost, how near to the limits",
    "ledger": "recording, verifying and asking the ledger, beside a bare COPY and beside SQLModel",
    "limits": "what nats-server, its client, Postgres and pydantic do alone, and the speed of light that follows",
    "loops": "what uvloop would save: the same system on it and on asyncio's own loop, in turn",
    "observability": "what logs and measures cost: the same system with and without them, in turn",
    "rates": "how long a report takes to its receipt and to a desk at 10, 100, 500 and 1000 reports a second",
    "restart": "all facts of all incidents read again, beside reading one message at a time",
    "restarts": "whether anything stands still after servers and services ended and came back, 20 times",
    "scale": "what a report costs each process with 1, 10 and 100 times as many incidents, agencies, desks and rules",
    "soak": "steady load for a long time: whether memory and open files of each process stay flat, as a chart too",
}
RESULTS: Final = "results"
"""Not a benchmark: renders RESULTS.md from the figures that are there."""
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "count": {
        "type": int,
        "help": "deadlines: due at one instant; restarts: how many; "
        "journey, intake, loops, observability, scale: reports a round",
    },
    "lead": {"type": float, "help": "deadlines: seconds from the start of filling until they are due"},
    "flight": {"type": int, "help": "journey, intake: without a receipt at any time"},
    "rates": {"type": int, "nargs": "+", "help": "rates: reports a second"},
    "seconds": {"type": float, "help": "soak: how long (default 3600)"},
    "rate": {"type": float, "help": "soak: reports a second (default 200)"},
    "niceness": {"type": int, "help": "flooding: of the hostile unit; 19 takes away what it costs this machine"},
    "facts": {"type": int, "help": "restart: in the stream, about"},
    "rows": {"type": int, "help": "ledger: entries to load first"},
    "dsn": {"help": "ledger: one of so many rows that was loaded before, as superuser"},
    "peers": {"action": "store_true", "help": "journey, rates: other systems that do the same job, in every round"},
    "profile": {"action": "store_true", "help": "journey: where each process spends its time, by py-spy"},
}
"""Of single benchmarks, which take them under these names; each says itself what holds where nothing is given."""
