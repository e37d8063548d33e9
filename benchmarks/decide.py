"""How long one routing decision takes: at the reference set, as sets grow, and beside other rule engines.

Whole decisions: `again` is a case met before, `new facts` one whose rules met that place before, `new place` one of a
known kind at a commune where nothing happened before, `cold` one of which no answer is remembered. Rules only, which is
all that the other engines are asked for: `find` finds those that hold and remembers no answer, `match` has met the kind
of case before and gives the trace as well.
"""

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any, Final, NamedTuple

from benchmarks import peers
from benchmarks.measuring import Side, figure, interleaved, machine, ratios, table, write
from benchmarks.synthetic import AT, facts, one_at_each, places, with_rules
from contracts.decisions import Decision, Facts
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference, load_reference
from services.routing.regulations.engine.compiled import CompiledRule
from services.routing.regulations.engine.decide import case_of, decide
from services.routing.regulations.engine.match import Matched, RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.regulations.engine.situation import Outlook, outlook, survey
from services.routing.regulations.rules.model import RegulationSet

FOLDER: Final = Path(__file__).parents[1] / "deploy" / "reference"
SIZES: Final = (100, 1_000, 10_000, 100_000)
PEER_RULES: Final = 1_000
PEER_FACTS: Final = 20
FACTS: Final = 300
"""Different facts per measurement: far more than a processor's nearest memory holds of their answers."""
Rows = list[list[str]]


class Unvisited:
    """A set that has met every kind of case, and a register where nothing happened before."""

    def __init__(self, law: RegulationSet, register: RegisterIndex) -> None:
        self._rules = RuleIndex(law)
        self._register = register
        self._facts = one_at_each(places(register))
        self.count = len(self._facts)
        for fact in self._facts:
            decide(fact, self._rules, register, AT)

    def forget(self) -> None:
        """Makes every place new again, and what is known of any desk unknown; the kinds of cases stay known."""
        self._register = RegisterIndex(self._register.register)
        self._register.on(day_of(AT))
        for memory in (self._rules.answers, self._rules.rulings, self._rules.assigned):
            memory.clear()
        # What was forgotten is collected here, and not while it is timed.
        gc.collect()

    def decide(self, number: int) -> Decision:
        """Decides the case of one commune."""
        return decide(self._facts[number], self._rules, self._register, AT)


class Ours(NamedTuple):
    """A set with the facts it is asked about; one index remembers all, one the places, one nothing."""

    warm: RuleIndex
    of_places: RuleIndex
    forgetful: RuleIndex
    register: RegisterIndex
    blank: RegisterIndex
    """The same register, which is made to forget its places without the others losing theirs."""
    unvisited: Unvisited
    facts: Sequence[Facts]
    outlooks: Sequence[Outlook]

    def again(self, number: int) -> Decision:
        """Decides a case met before."""
        return decide(self.facts[number], self.warm, self.register, AT)

    def new_facts(self, number: int) -> Decision:
        """Decides a case not met before; the rules that hold for it, and its urgency, met this place before."""
        self.of_places.answers.clear()
        return decide(self.facts[number], self.of_places, self.register, AT)

    def cold(self, number: int) -> Decision:
        """Decides with nothing remembered."""
        index = self.forgetful
        index.answers.clear()
        index.rulings.clear()
        index.assigned.clear()
        index.matched.clear()
        self.blank.on(day_of(AT)).sites.clear()
        return decide(self.facts[number], index, self.blank, AT)

    def find(self, number: int) -> list[CompiledRule]:
        """Finds the rules that hold."""
        return self.forgetful.find(self.outlooks[number])

    def match(self, number: int) -> Matched:
        """Finds the rules that hold, and the trace, for a kind of case met before."""
        return self.warm.match(self.outlooks[number])


def run(path: Path, rounds: int, offline: bool) -> None:  # noqa: FBT001 - the flag of the command line
    """Measures everything, prints the tables and writes the figures."""
    reference = load_reference(FOLDER)
    found: dict[str, object] = {
        "reference": _at_the_reference_set(reference, rounds),
        "growth": _growth(reference, rounds),
    }
    if not offline:
        with peers.installed():
            found["peers"] = _beside_peers(reference, rounds)
            versions = {w.partition("==")[0]: version(w.partition("==")[0]) for w in peers.WHEELS}
            found["peers_versions"] = versions
    write(path, {"benchmark": "decide", "rounds": rounds, "machine": machine(), **found})


def _ours(law: RegulationSet, register: RegisterIndex, count: int = FACTS) -> Ours:
    warm, stated = RuleIndex(law), facts(places(register), count)
    outlooks = [outlook(case, survey(case)) for case in (case_of(f, warm, register, AT) for f in stated)]
    blank = RegisterIndex(register.register)
    unvisited = Unvisited(law, register)
    return Ours(warm, RuleIndex(law), RuleIndex(law), register, blank, unvisited, stated, outlooks)


def _sides(ours: Ours) -> dict[str, Side]:
    count = len(ours.facts)
    return {
        "again": Side(ours.again, count),
        "new facts": Side(ours.new_facts, count),
        "new place": Side(ours.unvisited.decide, ours.unvisited.count, ours.unvisited.forget),
        "cold": Side(ours.cold, count),
        "find": Side(ours.find, count),
        "match": Side(ours.match, count),
    }


def _at_the_reference_set(reference: Reference, rounds: int) -> dict[str, object]:
    ours = _ours(reference.regulations.regulation_set, reference.register)
    gc.freeze()
    measured = interleaved(_sides(ours), rounds)
    gc.unfreeze()
    decided = [ours.again(number) for number in range(FACTS)]
    shape = {
        "rules": len(reference.regulations.regulation_set.rules),
        "facts": FACTS,
        "assignments": sum(len(d.assignments) for d in decided) / FACTS,
        "rules_in_trace": sum(len(d.trace) for d in decided) / FACTS,
    }
    title = (
        f"Reference set: {shape['rules']} rules, {FACTS} facts of all categories, "
        f"{shape['assignments']:.1f} assignments and {shape['rules_in_trace']:.1f} rules in the trace on average; µs"
    )
    table(title, list(measured), [[figure(values).text() for values in measured.values()]])
    return {**shape, **{name: figure(values)._asdict() for name, values in measured.items()}}


def _growth(reference: Reference, rounds: int) -> dict[str, object]:
    """The same facts and answers in sets of growing size, all sizes in every round."""
    sets = {size: with_rules(reference.regulations.regulation_set, size) for size in SIZES}
    built = {size: _memory(regulation_set) for size, regulation_set in sets.items()}
    ours = {size: _ours(regulation_set, reference.register) for size, regulation_set in sets.items()}
    _same_answers(ours)
    # Objects that live as long as the process would otherwise be counted again by every full garbage collection.
    gc.freeze()
    sides = {f"{size} {name}": side for size in SIZES for name, side in _sides(ours[size]).items()}
    measured = interleaved(sides, rounds)
    gc.unfreeze()
    names = list(_sides(ours[SIZES[0]]))
    figures: dict[str, object] = {}
    rows: Rows = []
    for size in SIZES:
        seconds, octets = built[size]
        row = {name: figure(measured[f"{size} {name}"]) for name in names}
        traced = sum(len(ours[size].again(n).trace) for n in range(FACTS)) / FACTS
        figures[str(size)] = {
            **{name: f._asdict() for name, f in row.items()},
            "rules_in_trace": traced,
            "index_seconds": seconds,
            "index_megabytes": octets / 1e6,
        }
        rows.append(
            [f"{size:,}", *(f.text() for f in row.values()), f"{traced:.0f}", f"{seconds:.2f}", f"{octets / 1e6:.1f}"]
        )
    grown = {n: ratios(measured[f"{SIZES[-1]} {n}"], measured[f"{SIZES[0]} {n}"]) for n in names}
    rows.append(["largest / smallest", *(f.text(2) for f in grown.values()), "", "", ""])
    head = ["rules", *names, "traced", "index s", "index MB"]
    table(f"Growth, {FACTS} facts, 2 rules hold and 3 desks are assigned in each; µs", head, rows)
    return {**figures, "growth": {name: f._asdict() for name, f in grown.items()}}


def _same_answers(ours: dict[int, Ours]) -> None:
    first = ours[SIZES[0]]
    for size, other in ours.items():
        for number in range(FACTS):
            assert other.again(number).assignments == first.again(number).assignments, (size, number)


def _memory(regulation_set: RegulationSet) -> tuple[float, int]:
    """CPU seconds to build an index with all its categories, and the octets it holds beside the set itself."""
    start = process_time()
    _built(regulation_set)
    seconds = process_time() - start
    gc.collect()
    tracemalloc.start()
    index = _built(regulation_set)
    octets = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del index
    return seconds, octets


def _built(regulation_set: RegulationSet) -> RuleIndex:
    index = RuleIndex(regulation_set)
    for category in Category:
        index.concerning(category)
    return index


def _beside_peers(reference: Reference, rounds: int) -> dict[str, object]:
    """The same rules and facts, the same rules found; every engine in every round."""
    made = with_rules(reference.regulations.regulation_set, PEER_RULES)
    ours = _ours(made, reference.register, PEER_FACTS)
    stated = [peers.plain(f, o.area) for f, o in zip(ours.facts, ours.outlooks, strict=True)]
    engines = peers.engines(made.rules)
    for number in range(PEER_FACTS):
        expected = frozenset(rule.rule.code for rule in ours.find(number))
        for name, finds in engines.items():
            assert finds(stated[number]) == expected, (name, number)
    theirs = {name: Side(_over(finds, stated), PEER_FACTS) for name, finds in engines.items()}
    measured = interleaved({**_sides(ours), **theirs}, rounds)
    names = list(_sides(ours))
    rows = [[name, figure(measured[name]).text(), *[""] * len(names)] for name in names]
    for name in engines:
        against = [ratios(measured[name], measured[own]).text(0) for own in names]
        rows.append([name, figure(measured[name]).text(), *against])
    head = ["engine", "µs", *(f"÷ {name}" for name in names)]
    table(f"Beside other engines: {PEER_RULES:,} rules, {PEER_FACTS} facts, the same rules found by all", head, rows)
    return {
        name: {
            "microseconds": figure(values)._asdict(),
            "times_slower_than": {own: ratios(values, measured[own])._asdict() for own in names},
        }
        for name, values in measured.items()
    }


def _over(finds: peers.Finds, stated: Sequence[dict[str, Any]]) -> Callable[[int], object]:
    return lambda number: finds(stated[number])
