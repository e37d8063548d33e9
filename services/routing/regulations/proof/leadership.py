"""Proves that every reachable case has one lead: finds gaps, leads who are nobody, and leads nothing separates."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from contracts.decisions import Decision
from contracts.taxonomy import CATEGORIES, Category
from services.routing.regulations.proof.cutpoints import choices, concerns
from services.routing.regulations.proof.declared import Declarations
from services.routing.regulations.proof.findings import Finding, FindingKind, listed
from services.routing.regulations.proof.gaps import described
from services.routing.regulations.proof.ground import Ground, Trial
from services.routing.regulations.rules.phrases import Sentence

UNDOCUMENTED: Final = "earlier rule of the set"
"""The step that only the order of writing decides: no law says so."""
ARBITRARY: Final = "equal in every step, first by code"


@dataclass
class Leadership:
    """What the trials of all categories showed."""

    alike: dict[Category, tuple[Category, ...]] = field(default_factory=dict)
    """The tried category -> all for which it stands."""
    gaps: dict[Category, list[Trial]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[Category, list[Trial]] = field(default_factory=lambda: defaultdict(list))
    """Gaps of categories that no rule gives a lead."""
    nobody: dict[tuple[str, ...], list[Trial]] = field(default_factory=lambda: defaultdict(list))
    declared: dict[int, list[Trial]] = field(default_factory=lambda: defaultdict(list))
    conflicts: dict[tuple[str, ...], list[Trial]] = field(default_factory=lambda: defaultdict(list))
    co_leads: dict[str, list[Trial]] = field(default_factory=lambda: defaultdict(list))


def leadership(ground: Ground, categories: Iterable[Category]) -> Iterator[Finding]:
    """Every finding about who leads, over all cases worth trying."""
    seen = Leadership()
    declarations = Declarations(ground)
    tried = tuple(categories)
    for alike in _alike(ground, tried):
        seen.alike[alike[0]] = alike
        _walk(ground, alike, declarations, seen)
    yield from _gaps(ground, seen)
    yield from _undecided(seen)
    yield from _on_purpose(ground, seen)
    if set(tried) == set(Category):
        yield from declarations.idle()


def _alike(ground: Ground, categories: Iterable[Category]) -> Iterator[tuple[Category, ...]]:
    """Categories to which the same rules and declarations apply: one of them stands for all."""
    groups: defaultdict[tuple[object, ...], list[Category]] = defaultdict(list)
    for category in categories:
        rules = tuple(rule.code for rule in ground.leading if concerns(rule, category))
        declared = tuple(
            number
            for number, left in enumerate(ground.set.left_to_fallback)
            if not left.when.category or category in left.when.category or category.family in left.when.category
        )
        groups[rules, declared].append(category)
    yield from map(tuple, groups.values())


def _walk(ground: Ground, alike: tuple[Category, ...], declarations: Declarations, seen: Leadership) -> None:
    rules = tuple(rule for rule in ground.leading if concerns(rule, alike[0]))
    index = ground.indexed(rules)
    cuts = choices((*rules, *declarations.rules))
    for trial in ground.trials(alike[0], rules, cuts):
        decision = ground.decide(trial.facts, index)
        matched = tuple(trace.rule for trace in decision.trace if trace.matched)
        if decision.fallback:
            _without_lead(trial, matched, alike, (declarations, seen), bare=not rules)
        else:
            _with_lead(trial, decision, matched, seen)


def _without_lead(
    trial: Trial,
    matched: tuple[str, ...],
    alike: tuple[Category, ...],
    into: tuple[Declarations, Leadership],
    *,
    bare: bool,
) -> None:
    declarations, seen = into
    if (number := declarations.covering(trial, matched, alike)) is not None:
        seen.declared[number].append(trial)
    elif matched:
        seen.nobody[matched].append(trial)
    else:
        for category in alike:
            (seen.bare if bare else seen.gaps)[category].append(trial)


def _with_lead(trial: Trial, decision: Decision, matched: tuple[str, ...], seen: Leadership) -> None:
    step = decision.lead_reason.partition(":")[0]
    if step == UNDOCUMENTED:
        seen.conflicts[matched].append(trial)
    elif step == ARBITRARY:
        seen.co_leads[decision.assignments[0].rule].append(trial)


def _gaps(ground: Ground, seen: Leadership) -> Iterator[Finding]:
    for category, trials in seen.bare.items():
        name = CATEGORIES[category]
        words = Sentence(
            f"không quy tắc nào cho “{name.vi}” một cơ quan chủ trì",
            f"no rule gives “{name.en}” a lead",
        )
        lightest = min(trials, key=lambda trial: trial.weight)
        yield Finding(FindingKind.NO_RULE, words, lightest.facts, (), (category,), len(trials))
    yield from described(seen.gaps, ground)
    for rules, trials in seen.nobody.items():
        where = listed(dict.fromkeys(" + ".join(trial.place.areas) or "∅" for trial in trials))
        words = Sentence(
            f"quy tắc {listed(rules)} áp dụng nhưng cơ quan chủ trì không có trong danh bạ tại: {where}",
            f"rule {listed(rules)} matches, but the register holds nobody it names as lead at: {where}",
        )
        yield _finding(FindingKind.LEAD_NOBODY, words, (trials, seen), rules)


def _undecided(seen: Leadership) -> Iterator[Finding]:
    for rules, trials in _apart(seen.conflicts).items():
        words = Sentence(
            f"các quy tắc {listed(rules)} nêu hai cơ quan chủ trì mà không bước phân định nào tách được; "
            "chỉ thứ tự viết trong bộ quy tắc quyết định",
            f"rules {listed(rules)} name two leads that no documented step separates; "
            "only the order of writing decides",
        )
        yield _finding(FindingKind.CONFLICT, words, (trials, seen), rules)


def _apart(conflicts: dict[tuple[str, ...], list[Trial]]) -> dict[tuple[str, ...], list[Trial]]:
    """The conflicts without those in which merely more rules match beside the rules of a smaller one."""
    found: dict[tuple[str, ...], list[Trial]] = {}
    for rules in sorted(conflicts, key=len):
        smaller = next((known for known in found if set(known) <= set(rules)), rules)
        found.setdefault(smaller, []).extend(conflicts[rules])
    return found


def _on_purpose(ground: Ground, seen: Leadership) -> Iterator[Finding]:
    """Notes: what the set leaves to the fallback, and rules that name several bodies of equal rank."""
    for number, trials in sorted(seen.declared.items()):
        left = ground.set.left_to_fallback[number]
        words = Sentence(left.reason_vi, left.reason_en)
        yield _finding(FindingKind.LEFT_TO_FALLBACK, words, (trials, seen), left.lead_of)
    if seen.co_leads:
        rules = tuple(seen.co_leads)
        words = Sentence(
            f"{len(rules)} quy tắc nêu nhiều nơi ngang nhau ở hai xã hay hai tỉnh; nơi có mã đứng trước chủ trì, "
            "các nơi khác phối hợp",
            f"{len(rules)} rules name several bodies of equal rank in two communes or provinces; the first by code "
            "leads, the others coordinate",
        )
        trials = [trial for found in seen.co_leads.values() for trial in found]
        yield _finding(FindingKind.CO_LEADS, words, (trials, seen), rules)


def _finding(
    kind: FindingKind, words: Sentence, shown: tuple[list[Trial], Leadership], rules: Iterable[str]
) -> Finding:
    trials, seen = shown
    lightest = min(trials, key=lambda trial: trial.weight)
    tried = dict.fromkeys(trial.facts.category for trial in trials)
    about = tuple(category for alike in tried for category in seen.alike[alike])
    return Finding(kind, words, lightest.facts, tuple(rules), about, len(trials))
