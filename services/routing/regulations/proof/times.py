"""Proves that silence goes somewhere, soon enough: finds loops, dead ends, deadlines longer than their parent's."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import Final

from contracts.codes import UrgencyMark
from contracts.decisions import Addressee, Assignment, Decision, Facts
from contracts.register import Agency, AreaKind, Tree
from contracts.taxonomy import Category
from services.routing.regulations.engine.remember import changed
from services.routing.regulations.proof.cutpoints import Choice
from services.routing.regulations.proof.findings import Finding, FindingKind
from services.routing.regulations.proof.ground import Ground, Trial
from services.routing.regulations.proof.places import Place
from services.routing.regulations.proof.reach import Reach
from services.routing.regulations.rules.phrases import Sentence, duration_words

_SLOWEST_AND_FASTEST: Final = (UrgencyMark.THUONG, UrgencyMark.HOA_TOC)


def times(ground: Ground, reaches: Iterable[Reach]) -> Iterator[Finding]:
    """Every finding about deadlines and escalation, each once."""
    given = tuple(reaches)
    seen: set[str] = set()
    for finding in _all(ground, given):
        if finding.words.en not in seen:
            seen.add(finding.words.en)
            yield finding


def _all(ground: Ground, reaches: tuple[Reach, ...]) -> Iterator[Finding]:
    loops = {key: words for day in ground.days(found.rule for found in reaches) for key, words in _loops(ground, day)}
    known: dict[int, tuple[Assignment, ...]] = {}
    for trial, mark in product(_trials(ground, reaches), _SLOWEST_AND_FASTEST):
        decision = ground.decide(changed(trial.facts, urgency_mark=mark))
        # The very same assignments, kept alive so that the identity stays theirs, give the very same findings.
        if id(decision.assignments) not in known:
            known[id(decision.assignments)] = decision.assignments
            yield from _too_long(ground, decision)
            yield from _slower_than_superior(decision)
            yield from _dead_ends(ground, decision, trial.day)
            yield from _met(loops, decision)
    yield from _unmet(ground, loops)


def _trials(ground: Ground, reaches: tuple[Reach, ...]) -> Iterator[Trial]:
    """Cases in which each rule holds at each place; and one in which none does, for the fallback."""
    for found in reaches:
        yield from found.holding
    day = ground.set.valid_from
    facts = ground.facts(Category.CYB_DATA, Place(), Choice(), day, ground.bystander(day))
    yield Trial(Place(), Choice(), day, facts)


def _too_long(ground: Ground, decision: Decision) -> Iterator[Finding]:
    """A time that a rule grants although the set's own for the most urgent mark is shorter."""
    if decision.facts.urgency_mark is not UrgencyMark.HOA_TOC:
        return
    least = ground.set.most_urgent
    for given in decision.assignments:
        if given.acknowledge_within is not None and given.acknowledge_within > least:
            own, parent = duration_words(given.acknowledge_within), duration_words(least)
            words = Sentence(
                f"quy tắc {given.rule} cho {own.vi}, dài hơn {parent.vi} mà bộ quy tắc cho một báo cáo hỏa tốc",
                f"rule {given.rule} grants {own.en}, longer than {parent.en}, the set's time for the most urgent mark",
            )
            about = (decision.facts.category,)
            yield Finding(FindingKind.DEADLINE, words, decision.facts, (given.rule,), about)


def _slower_than_superior(decision: Decision) -> Iterator[Finding]:
    """A desk that may stay silent longer than the desk above it, in the same role for the same incident.

    Where several were put forward as lead, those that do not lead keep a lead's time as coordinators: no comparison.
    """
    if not decision.lead_reason.startswith("only candidate"):
        return
    held: dict[Addressee, Assignment] = {given.addressee: given for given in decision.assignments}
    for given in decision.assignments:
        for desk in given.escalation:
            above = held.get(desk)
            if above is not None and above.role is given.role and _longer(given, above):
                yield _slower(given, above, decision.facts)


def _longer(given: Assignment, above: Assignment) -> bool:
    nothing = timedelta()
    return (given.acknowledge_within or nothing) > (above.acknowledge_within or nothing) > nothing


def _slower(given: Assignment, above: Assignment, facts: Facts) -> Finding:
    own, parent = (duration_words(a.acknowledge_within or timedelta()) for a in (given, above))
    words = Sentence(
        f"{_desk(given.addressee)} có {own.vi} theo quy tắc {given.rule}, cấp trên {_desk(above.addressee)} chỉ "
        f"{parent.vi} theo quy tắc {above.rule} trong cùng vai trò",
        f"{_desk(given.addressee)} has {own.en} by rule {given.rule}, its superior {_desk(above.addressee)} only "
        f"{parent.en} by rule {above.rule}, in the same role",
    )
    rules = tuple(dict.fromkeys((given.rule, above.rule)))
    return Finding(FindingKind.DEADLINE, words, facts, rules, (facts.category,))


def _dead_ends(ground: Ground, decision: Decision, day: date) -> Iterator[Finding]:
    """Chains that break off below the national level; only the last resort catches the silence."""
    agencies = ground.register.on(day).agencies
    last_resort = ground.set.fallback.last_resort.agency
    for given in decision.assignments:
        if given.escalation_tree is None:
            continue
        chain = [desk.agency for desk in (given.addressee, *given.escalation) if desk.agency != last_resort]
        if chain and (last := agencies.get(chain[-1])) is not None and not _ends_well(ground, last, day):
            yield _dead_end(given, last, decision.facts)


def _ends_well(ground: Ground, last: Agency, day: date) -> bool:
    """Whether the chain ends at a national body, or below the last resort itself."""
    areas = ground.register.on(day).areas
    national = any(code in areas and areas[code].kind is AreaKind.NATION for code in last.covers)
    above = {relation.superior for relation in last.relations if relation.holds_on(day)}
    return national or ground.set.fallback.last_resort.agency in above


def _dead_end(given: Assignment, last: Agency, facts: Facts) -> Finding:
    tree = (given.escalation_tree or Tree.ADMINISTRATIVE).value
    words = Sentence(
        f"quy tắc {given.rule}: {_desk(given.addressee)} im lặng thì chuỗi chuyển cấp ({tree}) đứt ở {last.code}",
        f"rule {given.rule}: when {_desk(given.addressee)} stays silent, the {tree} chain breaks off at {last.code}",
    )
    return Finding(FindingKind.DEAD_END, words, facts, (given.rule,), (facts.category,))


Loops = dict[frozenset[str], Sentence]


def _loops(ground: Ground, day: date) -> Iterator[tuple[frozenset[str], Sentence]]:
    """Agencies that are their own superiors in one tree."""
    for tree in Tree:
        above = {
            code: [r.superior for r in agency.relations if r.tree is tree and r.holds_on(day)]
            for code, agency in ground.register.on(day).agencies.items()
        }
        for code in above:
            if (loop := _loop(code, above)) is not None:
                way = " → ".join((*loop, code))
                yield frozenset(loop), Sentence(f"vòng cấp trên ({tree.value}): {way}", f"{tree.value} loop: {way}")


def _loop(start: str, above: dict[str, list[str]]) -> tuple[str, ...] | None:
    """The way from an agency back to itself, shortest first."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for upper in above.get(way[-1], ()):
            if upper == start:
                return way
            if upper not in seen:
                seen.add(upper)
                ways.append((*way, upper))
    return None


def _met(loops: Loops, decision: Decision) -> Iterator[Finding]:
    """Loops that the silence of somebody in this decision would run into."""
    for given in decision.assignments:
        chain = {desk.agency for desk in (given.addressee, *given.escalation)}
        for loop in [loop for loop in loops if not loop.isdisjoint(chain)]:
            yield Finding(FindingKind.ESCALATION_LOOP, loops.pop(loop), decision.facts, (given.rule,))


def _unmet(ground: Ground, loops: Loops) -> Iterator[Finding]:
    """Loops that no tried case runs into, shown by a report of an agency inside."""
    day = ground.set.valid_from
    for loop, words in loops.items():
        facts = ground.facts(Category.RDY_DUTY, Place(), Choice(), day, min(loop))
        yield Finding(FindingKind.ESCALATION_LOOP, words, facts)


def _desk(addressee: Addressee) -> str:
    return f"{addressee.agency}/{addressee.desk}"
