"""RESULTS.md and README show what the committed figures say, and nothing else."""

from typing import Any

from benchmarks.measuring import Ticks
from benchmarks.results import BEGIN, END, HERE, README, RESULTS, document, read, with_figures

FIGURES: dict[str, Any] = {
    "journey": {
        "machine": {"cpu": "Some CPU", "cores": 2, "system": "Linux", "python": "3.11.7", "packages": {"nats-py": "2"}},
        "run": {
            "command": "python -m benchmarks journey --rounds 5",
            "began_at": "2026-11-22T19:30:00+00:00",
            "took_seconds": 120,
            "load_average_before": [0.4, 1.2, 3.0],
        },
        "reports_per_second": {"median": 412.0, "least": 390.0, "most": 431.0},
        "light": {"share": {"median": 0.61, "least": 0.5, "most": 0.7}},
        "cpu_microseconds_per_report": {"nats": {"median": 900, "least": 800, "most": 1000}},
        "megabytes": {"nats": 210.4},
    }
}


def test_the_committed_results_are_those_of_the_committed_figures() -> None:
    """A figure typed by hand, or one without its run, fails here. Next: python -m benchmarks results."""
    assert RESULTS.read_text(encoding="utf-8") == document(read(HERE / "results"))


def test_readme_takes_its_figures_from_there() -> None:
    """The same for the promises in README."""
    text = README.read_text(encoding="utf-8")
    assert BEGIN in text
    assert with_figures(text, read(HERE / "results")) == text


def test_a_run_is_told_with_its_command_its_date_its_machine_and_the_load_it_was_taken_at() -> None:
    made = document(FIGURES)
    assert "| `python -m benchmarks journey --rounds 5` | 2026-11-22 19:30 | 120 s | 0.4, 1.2, 3 |" in made
    assert "2 × Some CPU, Linux, Python 3.11.7, nats-py 2" in made


def test_a_figure_is_shown_with_its_spread_and_what_is_missing_with_a_dash() -> None:
    made = document(FIGURES)
    assert "| share | ≥ 0.6 | 0.61 [0.50..0.70] | yes | journey |" in made
    assert "| × Celery + Redis, tuned | ≥ 20 | – | not measured | journey |" in made
    assert "| nats | 900 [800..1,000] | 210 |" in made


def test_figures_taken_while_others_used_the_machine_say_so() -> None:
    busy = {"run": FIGURES["journey"]["run"] | {"load_average_before": [13.2, 9.0, 4.0]}}
    assert "| yes (at a load of 13) | journey |" in document({"journey": FIGURES["journey"] | busy})


def test_figures_taken_while_the_host_withheld_the_processors_say_so() -> None:
    """A program that waits for its host looks as slow as one that works."""
    withheld = {"run": FIGURES["journey"]["run"] | {"stolen": 0.38}}
    made = document({"journey": FIGURES["journey"] | withheld})
    assert "| yes (38% of the processors withheld by the host) | journey |" in made
    assert "| 0.4, 1.2, 3; 38% of the processors withheld by the host |" in made
    assert Ticks(100, 10).stolen(Ticks(200, 48)) == 0.38


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    made = with_figures(f"before\n{BEGIN}\nold\n{END}\nafter\n", FIGURES)
    assert made.startswith(f"before\n{BEGIN}\n| promise |")
    assert made.endswith(f"\n{END}\nafter\n")
    assert "old" not in made
