"""Renders RESULTS.md, and what README says of speed, from the figures that benchmarks wrote. Measures nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.catalogue import BENCHMARKS
from benchmarks.goals import GOALS, Answer, Figures, Goal, Reached, answer, together
from benchmarks.results_parts import PARTS
from benchmarks.results_tables import SYSTEM, lines
from benchmarks.results_verdicts import CHAOS, CLUSTER, VERDICTS

MUCH_STOLEN: Final = 0.1
HERE: Final = Path(__file__).parent
RESULTS: Final = HERE / "RESULTS.md"
README: Final = HERE.parent / "README.md"
BEGIN: Final = "<!-- figures: python -m benchmarks results -->"
END: Final = "<!-- end of figures -->"
_HEAD: Final = """\
# Results

Written by `python -m benchmarks results` from `results/*.json`; nothing here is written by hand. A figure is the median
of interleaved rounds with its least and most; ratios are of pairs within one round. What each benchmark does, and what
its figures mean, is in [README.md](README.md).
"""


def render() -> Path:
    """Writes RESULTS.md, and README's part between its two marks."""
    figures = read(HERE / "results")
    RESULTS.write_text(document(figures), encoding="utf-8")
    if BEGIN in (text := README.read_text(encoding="utf-8")):
        README.write_text(with_figures(text, figures), encoding="utf-8")
    return RESULTS


def read(folder: Path) -> Figures:
    """What every benchmark wrote last, and the verdicts of chaos and the cluster that are kept there."""
    verdicts = sorted(path.stem for kind in (CHAOS, CLUSTER) for path in folder.glob(f"{kind}*.json"))
    found = {name: folder / f"{name}.json" for name in (*BENCHMARKS, *verdicts)}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items() if path.exists()}


def document(figures: Figures) -> str:
    """RESULTS.md."""
    parts = [_HEAD, "## The ten goals\n", *lines(_GOALS_HEAD, _goal_rows(figures, long=True)), ""]
    for title, make in (SYSTEM | PARTS | VERDICTS).items():
        if table := list(make(figures)):
            parts += [f"## {title}\n", *table, ""]
    parts += ["## The runs\n", *lines(_RUNS_HEAD, _runs(figures)), ""]
    return "\n".join(parts)


def with_figures(text: str, figures: Figures) -> str:
    """README with its figures as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(lines(_README_HEAD, _goal_rows(figures, long=False)))
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


_GOALS_HEAD: Final = ("#", "goal", "measure", "bound", "figure", "reached", "run")
_README_HEAD: Final = ("promise", "measure", "bound", "measured", "kept")
_RUNS_HEAD: Final = ("benchmark", "command", "date (UTC)", "took", "load before", "machine")


def _goal_rows(figures: Figures, *, long: bool) -> Iterator[list[str]]:
    for goal in GOALS:
        answers = [answer(measure, figures) for measure in goal.measures]
        for number, (measure, one) in enumerate(zip(goal.measures, answers, strict=True)):
            first = _first(goal, together(answers), long=long) if number == 0 else [""] * (2 if long else 1)
            written = figures.get(measure.benchmark, {})
            notes = [note for note in (one.note, _at_load(written) if one.figure else "") if note]
            said = str(one.reached) + (f" ({'; '.join(notes)})" if notes else "")
            row = [*first, measure.text, measure.bound, _shown(one, measure.digits), said]
            yield [*row, measure.benchmark] if long else row


def _first(goal: Goal, reached: Reached, *, long: bool) -> list[str]:
    return [f"{goal.number}", f"{goal.text}: **{reached}**"] if long else [goal.text]


def _shown(one: Answer, digits: int) -> str:
    if one.figure is None:
        return "–"
    if one.figure.least == one.figure.most:
        return f"{one.figure.median:,.{digits}f}"
    return one.figure.text(digits)


def _runs(figures: Figures) -> Iterator[Sequence[str]]:
    for name, written in figures.items():
        machine: Mapping[str, Any] = written.get("machine", {})
        run: Mapping[str, Any] = written.get("run", {})
        if not (machine or run):  # of chaos, before it wrote them down
            continue
        began = str(run.get("began_at") or machine.get("measured_at") or "")[:16].replace("T", " ")
        took = f"{run['took_seconds']} s" if "took_seconds" in run else ""
        yield name, _command(run), began, took, _load(machine, run), _machine(machine)


def _command(run: Mapping[str, Any]) -> str:
    return f"`{run['command']}`" if "command" in run else "see README.md"


def _load(machine: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """Of the minute, five and fifteen minutes before; figures taken at load are worth less."""
    if before := run.get("load_average_before"):
        return ", ".join(f"{one:g}" for one in before) + _stolen(run, "; ")
    after = machine.get("load_average")
    return f"{', '.join(f'{one:g}' for one in after)} (at its end)" if after else ""


def _at_load(written: Mapping[str, Any]) -> str:
    """Said where other programs had the machine as well: then times and rates are worth less, and ratios too."""
    machine: Mapping[str, Any] = written.get("machine", {})
    before = written.get("run", {}).get("load_average_before") or machine.get("load_average") or [0]
    loaded = f"at a load of {before[0]:.0f}" if before[0] > machine.get("cores", 1) else ""
    return loaded + _stolen(written.get("run", {}), ", " if loaded else "")


def _stolen(run: Mapping[str, Any], after: str) -> str:
    """Said where the host let other machines work for much of the time."""
    share = run.get("stolen") or 0.0
    return f"{after}{share:.0%} of the processors withheld by the host" if share >= MUCH_STOLEN else ""


def _machine(machine: Mapping[str, Any]) -> str:
    if not machine:
        return ""
    packages = ", ".join(f"{name} {version}" for name, version in machine.get("packages", {}).items())
    return f"{machine['cores']} × {machine['cpu']}, {machine['system']}, Python {machine['python']}, {packages}"
