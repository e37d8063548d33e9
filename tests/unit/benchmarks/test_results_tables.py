"""Every figure that a command keeps stands in a table of RESULTS.md, and nothing stands there of what was not run."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.catalogue import BENCHMARKS
from benchmarks.chaos.control import Control
from benchmarks.chaos.faults import Done
from benchmarks.chaos.flipping import Flipped
from benchmarks.chaos.plan import Kind
from benchmarks.chaos.verdict import Found, Verdict
from benchmarks.cluster.running import Gap, Outcome
from benchmarks.results import document, read

FIGURE = {"median": 20.0, "least": 10.0, "most": 30.0}
SHOWN = "20 [10..30]"
FAULTS = (Done(0.9, Kind.KILL, "nats", 0.0, "SIGKILL to 1"),)


def verdict(*flaws: Found) -> Verdict:
    wrong = {"lost": len(flaws), "duplicated": 0, "out_of_order": 0, "deadlines_unheard": 0, "parked": 0, "other": 0}
    counts = {"reports_sent": 2755, "receipts": 3709, "facts": 47674, "entries": 47674}
    return Verdict(seed=3, seconds=60.0, faults=FAULTS, flaws=flaws, **counts, **wrong)


def pair(first: str, second: str) -> dict[str, Any]:
    return {
        "cpu_microseconds_per_report": {first: {"routing": FIGURE}, second: {"routing": FIGURE}},
        "cpu_share": {"routing": {"median": 1.0, "least": 0.9, "most": 1.25}},
        "reports_per_second_times": {"median": 1.1, "least": 1.0, "most": 1.2},
    }


def written() -> dict[str, dict[str, Any]]:
    """Of every command with such a table, as it writes."""
    return of_the_system() | of_parts()


def of_the_system() -> dict[str, dict[str, Any]]:
    rates = {"reached": FIGURE, "receipt p50": FIGURE, "receipt p99": FIGURE, "desk p50": FIGURE, "desk p99": FIGURE}
    size = {"cpu_microseconds": {"nats": FIGURE, "together": FIGURE}, "megabytes": {"nats": 41.4}}
    heard = {"as it is": {"routing": {"log_records": 1234, "counted": 9.0}}}
    heard["taken out"] = {"routing": {"log_records": 0, "counted": 0.0}}
    line = {"first": 100.0, "last": 130.0, "flat": False, "per_thousand_reports": 0.25}
    late = {"median": 0.0, "p99": 0.25, "longest": 0.5}
    soak = {"seconds": 3600.0, "rate": 200.0, "receipts": 719200, "behind_most": 12}
    return {
        "rates": {"figures": {"100": rates}, "alertmanager": {"p50": FIGURE, "p99": FIGURE, "p99.9": FIGURE}},
        "scale": {
            "grown": {"agencies and desks": {"1,445": size, "14,450": size}},
            "largest_to_smallest": {"agencies and desks": {"median": 1.5, "least": 1.0, "most": 2.0}},
        },
        "restarts": {"restarts": 20, "outage_seconds": FIGURE, "late_seconds": {"from INBOX to accepted": late}},
        "loops": pair("asyncio", "uvloop"),
        "observability": pair("taken out", "as it is") | {"reports": 6000, "heard": heard},
        "soak": soak | {"lines": {"megabytes": {"routing": line}, "files": {"nats": line | {"flat": True}}}},
    }


def of_parts() -> dict[str, dict[str, Any]]:
    run: dict[str, Any] = {"facts": 9, "cpu_seconds": 18.79, "answered": {"missing": 0, "twice": 0, "early": 7}}
    run["answered"]["late_milliseconds"] = {"least": 1, "median": 14708.2, "p99": 25861.0, "most": 25946.8}
    side = {"p50": [6, 5, 7], "p99": [20, 10, 30], "p99_of_all": 25.0, "p99_ratio_of_all": 1.5, "sent": 122200}
    asked = dict.fromkeys(("again", "new facts", "new place", "cold", "find", "match"), FIGURE)
    return {
        "decide": {
            "reference": asked | {"rules": 121},
            "growth": {"100": asked | {"index_megabytes": 0.3}, "growth": asked},
            "peers": {"zen-engine": {"microseconds": FIGURE, "times_slower_than": {"find": FIGURE}}},
        },
        "ledger": {
            "rows": 300000,
            "ingest_rows_per_second": {"SQLModel add_all": FIGURE},
            "ingest_ratio": {"SQLModel add_all": FIGURE},
            "verification": [{"rows_per_second": 100.0}, {"rows_per_second": 125000.0}, {"rows_per_second": 126000.0}],
            "asked_milliseconds": {"inclusion proof": {"median": 3.88, "p99": 5.69}},
        },
        "deadlines": {"runs": {"20,000 due at one instant": run}},
        "restart": {"facts": 60000, "sides": {"routing": {"cpu": [3984, 3984, 3984], "wall": [473, 473, 473]}}},
        "flooding": {"sides": {"as fast as it can": side}},
        "desk": {"rate": 50, "rounds": [{"p50": 80, "p99": 200, "most": 230, "count": 300}]},
    }


@pytest.mark.parametrize(
    ("benchmark", "row"),
    [
        ("rates", f"| 100 | {SHOWN} | 20.0 [10.0..30.0] | 20.0 [10.0..30.0] | – | 20.0 [10.0..30.0] |"),
        ("rates", "| 100, Alertmanager's webhook |  |  |  |  | 20.0 [10.0..30.0] |"),
        ("scale", f"| 14,450 | {SHOWN} | {SHOWN} | nats 41 |"),
        ("scale", "| largest ÷ smallest |  | 1.50 [1.00..2.00] |  |"),
        ("restarts", "| from INBOX to accepted | 0.000 | 0.250 | 0.500 |"),
        ("restarts", "| until all was ready again | 20.0 |  | 30.0 |"),
        ("loops", f"| routing | {SHOWN} | {SHOWN} | 1.00 [0.90..1.25] |"),
        ("loops", "| reports a second |  |  | 1.10 [1.00..1.20] |"),
        ("observability", f"| routing | {SHOWN} | {SHOWN} | 1.00 [0.90..1.25] |"),
        ("observability", "| routing | 1,234; yes | 0; no |"),
        ("decide", "| zen-engine | 20.0 [10.0..30.0] | 20.0 [10.0..30.0] |"),
        ("decide", "| the reference set, 121 rules | 20.0 [10.0..30.0] |"),
        ("ledger", f"| SQLModel add_all | {SHOWN} | 20.00 [10.00..30.00] |"),
        ("ledger", "| verified, each entry read again | 125,000 [100..126,000] |  |"),
        ("ledger", "| inclusion proof | 3.88 | 5.69 |"),
        ("deadlines", "| 20,000 due at one instant | 0 | 0 | 7 | 14,708 | 25,861 | 25,947 | 18.8 |"),
        ("restart", "| routing | 3,984 | 473 |"),
        ("flooding", "| as fast as it can | 6.0 [5.0..7.0] | 20.0 [10.0..30.0] | 25.0 | 1.50 | 122,200 |"),
        ("desk", "| until its row is in the browser | 80 [80..80] | 200 [200..200] | 230 [230..230] | 300 |"),
        ("soak", "| routing | megabytes | 100.0 | 130.0 | +0.250 | **no** |"),
        ("soak", "| nats | files | 100.0 | 130.0 | +0.250 | yes |"),
        ("soak", "| 3600 | 200 | 719,200 | 12 |"),
    ],
)
def test_a_figure_that_was_written_is_shown(benchmark: str, row: str) -> None:
    """A run whose figures nobody can see shows nothing."""
    assert row in document({benchmark: written()[benchmark]})


def test_every_benchmark_has_a_table_of_its_own() -> None:
    """A new benchmark without a table fails here."""
    bare = document({})
    more: dict[str, Any] = {"journey": {"receipts_per_second": FIGURE}, "intake": {"per_second": {"intake": FIGURE}}}
    more["limits"] = {"sides": {"pipelined": {"per_second": FIGURE}}}
    shown = written() | more
    assert shown.keys() == BENCHMARKS.keys()
    for name, of in shown.items():
        assert document({name: of}).count("\n## ") > bare.count("\n## "), name


def test_a_verdict_is_shown_with_its_counts_and_what_broke_it() -> None:
    broken = verdict(Found("report: lost", 2, "a | b"))
    made = document({"chaos-3": verdict().as_json(), "chaos-full-nats-6": broken.as_json()})
    row = "seed 3, 60 s | 1 | 2,755 | 3,709 | 47,674 | 47,674 |"
    assert f"| chaos-3: {row} 0 | 0 | 0 | 0 | 0 | 0 | every promise held |" in made
    said = "report: lost × 2, such as a \\| b"
    assert f"| chaos-full-nats-6: {row} 1 | 0 | 0 | 0 | 0 | 0 | {said} |" in made


def test_the_negative_control_is_shown_as_caught_or_not() -> None:
    """Shown like a run of ours, its losses would look like ours, or no loss of it like a success."""
    caught = Control(1, 30.0, FAULTS, 1201, 1697, 934, lost=208, duplicated=12, witness="lost x")
    row = "| the negative control (chaos-control): seed 1, 30 s | 1 | 1,201 | 1,697 | – | 934 |"
    assert f"{row} 208 | 12 | – | – | – | – | caught, as it must be |" in document({"chaos-control": caught.as_json()})
    clean = Control(1, 30.0, FAULTS, 1201, 1697, 934, lost=0, duplicated=0, witness="")
    assert f"{row} 0 | 0 | – | – | – | – | not caught |" in document({"chaos-control": clean.as_json()})


def test_a_flipped_bit_is_shown_with_what_noticed_it() -> None:
    flipped = Flipped(2, 0.0, FAULTS, 422, 778, 770, 825, "x", 49, "a batch has been failing for too long", ())
    made = document({"chaos-bit-flip-2": flipped.as_json()})
    assert "| chaos-bit-flip-2: seed 2, 0 s | 1 | 422 | – | 778 | 770 | 825 |" in made
    assert "| every promise held; noticed: a batch has been failing for too long |" in made


def test_a_cluster_is_shown_with_its_verdict_and_its_gaps() -> None:
    gaps = (Gap("kill leader of EVENTS", 8.25, 11.0, 3.5, 4.75),)
    made = document({"cluster": Outcome(verdict(), gaps, took_over=4, superseded=1, complaints=2).as_json()})
    assert "| cluster: seed 3, 60 s | 1 | 2,755 | 3,709 |" in made
    assert "| kill leader of EVENTS | 8.2 | 11.0 | 3.5 | 4.8 |" in made
    assert "| 4 | 1 | 2 |" in made


def test_what_chaos_and_the_cluster_wrote_is_found(tmp_path: Path) -> None:
    for name in ("chaos-3", "chaos-control", "cluster", "journey", "something"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"seed": name}), encoding="utf-8")
    assert read(tmp_path).keys() == {"chaos-3", "chaos-control", "cluster", "journey"}


def test_a_verdict_with_its_command_is_one_of_the_runs_and_one_without_is_not() -> None:
    run: dict[str, Any] = {"command": "python -m benchmarks.chaos --seconds 60 --seed 3 --rate 20", "took_seconds": 99}
    told = document({"chaos-3": verdict().as_json() | {"run": run}, "chaos-4": verdict().as_json()})
    assert f"| chaos-3 | `{run['command']}` |" in told
    assert "| chaos-4 |" not in told
