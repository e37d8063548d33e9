"""Proves that every rule is reached, does something and addresses somebody: finds those that do not."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from contracts.codes import Role
from contracts.decisions import Facts
from contracts.taxonomy import Category
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.proof.cutpoints import Choice, choices, choices_satisfying, concerns
from services.routing.regulations.proof.findings import Finding, FindingKind
from services.routing.regulations.proof.ground import Ground, Trial
from services.routing.regulations.proof.places import Place
from services.routing.regulations.rules.duties import Consent, Duty
from services.routing.regulations.rules.model import Rule
from services.routing.regulations.rules.phrases import Sentence, target_words
from services.routing.regulations.rules.targets import OneTarget, asks_for, members

_ENOUGH: Final = 4000
"""After so many cases in which a rule changed nothing, it is called shadowed."""


class Reach:
    """One rule on the ground: where it holds."""

    def __init__(self, ground: Ground, rule: Rule) -> None:
        self.ground, self.rule = ground, rule
        last = Duty(role=Role.LEAD, to=ground.set.fallback.last_resort)
        self._alone = ground.indexed([rule.model_copy(update={"assign": (last,)})])
        self.categories = tuple(category for category in Category if concerns(rule, category))
        self.holding = tuple(self._holding())
        """Trials in which every condition holds: the first category, plain facts, each kind of place and reporter."""

    def _holding(self) -> Iterator[Trial]:
        for choice in islice(choices_satisfying(self.rule), 1):
            yield from filter(self._holds, self.trials(self.categories[0], (choice,)))

    def trials(self, category: Category, given: Iterable[Choice]) -> Iterator[Trial]:
        """Cases of one category at every place worth trying for anybody the rule addresses."""
        return self.ground.trials(category, (self.rule,), given, all_duties=True)

    def _holds(self, trial: Trial) -> bool:
        return not self.ground.decide(trial.facts, self._alone).fallback

    def further(self) -> Iterator[Trial]:
        """Every case in which the rule holds, told apart by any rule of its categories."""
        for category in self.categories:
            beside = tuple(rule for rule in self.ground.set.rules if concerns(rule, category))
            every = (*choices_satisfying(self.rule), *choices(beside))
            yield from filter(self._holds, self.ground.trials(category, beside, every, all_duties=True))


def reach(reaches: Iterable[Reach]) -> Iterator[Finding]:
    """Every finding about what rules reach."""
    for found in reaches:
        if not found.holding:
            yield _unreachable(found)
        elif not _does_something(found):
            yield _shadowed(found)
        else:
            yield from _nobodies(found)


def _unreachable(found: Reach) -> Finding:
    rule, ground = found.rule, found.ground
    period = f"{rule.valid_from} – {rule.valid_to or '…'}"
    if not ground.days([rule]) or not _in_force(rule, ground):
        words = Sentence(
            f"quy tắc {rule.code} chỉ có hiệu lực {period}, ngoài hiệu lực của bộ quy tắc",
            f"rule {rule.code} is in force {period} only, outside the set's own time",
        )
    else:
        words = Sentence(
            f"không trường hợp nào thỏa mọi điều kiện của quy tắc {rule.code} với danh bạ này",
            f"no case meets all conditions of rule {rule.code} with this register",
        )
    return Finding(FindingKind.UNREACHABLE, words, _nearest(found), (rule.code,), found.categories)


def _in_force(rule: Rule, ground: Ground) -> bool:
    return any(rule.holds_on(day) for day in ground.days([rule]))


def _nearest(found: Reach) -> Facts:
    """Facts that meet every condition but place and day."""
    ground, day = found.ground, found.ground.set.valid_from
    choice = next(choices_satisfying(found.rule), Choice())
    places = ground.places([found.rule], day, all_duties=True)
    place = next((place for place in places if place.in_province), Place())
    return ground.facts(found.categories[0], place, choice, day, ground.bystander(day))


def _does_something(found: Reach) -> bool:
    """Whether somebody has a role by this rule in any case; most rules show it in the first."""
    tried = (trial for trials in (found.holding, found.further()) for trial in trials)
    return any(_gives(found, trial.facts) for trial in islice(tried, _ENOUGH))


def _gives(found: Reach, facts: Facts) -> bool:
    given = found.ground.decide(facts).assignments
    return any(assignment.rule == found.rule.code for assignment in given)


def _shadowed(found: Reach) -> Finding:
    code = found.rule.code
    others = found.ground.decide(found.holding[0].facts).assignments
    by = ", ".join(dict.fromkeys(assignment.rule for assignment in others))
    words = Sentence(
        f"quy tắc {code} không trao vai trò nào mà quy tắc khác chưa trao mạnh hơn ({by})",
        f"rule {code} gives nobody a role that another rule does not give as strongly ({by})",
    )
    return Finding(FindingKind.SHADOWED, words, found.holding[0].facts, (code,), found.categories)


def _nobodies(found: Reach) -> Iterator[Finding]:
    """Recipients, members of a group, next authorities and keys of a consent that exist nowhere the rule holds."""
    for duty in found.rule.assign:
        for target in duty.everyone():
            probe = _probe(found, duty, target)
            if not any(_resolves(probe, trial) for trial in found.holding):
                yield _nobody(found, target)


def _nobody(found: Reach, target: OneTarget) -> Finding:
    who = target_words(target)
    words = Sentence(
        f"quy tắc {found.rule.code}: danh bạ không có “{who.vi}” ở bất cứ nơi nào",
        f"rule {found.rule.code}: the register holds “{who.en}” nowhere",
    )
    example = found.holding[0].facts
    return Finding(FindingKind.NOBODY, words, example, (found.rule.code,), found.categories, len(found.holding))


class _Probe(NamedTuple):
    """A set in which only one target gives one role, so that whoever has it is whom the target means."""

    ground: Ground
    regulations: RuleIndex
    role: Role
    rule: str
    approvals: bool
    """Whether the target is asked for beside the recipient, as a key of a consent."""


def _probe(found: Reach, duty: Duty, target: OneTarget) -> _Probe:
    beside = target not in tuple(members(duty.to))
    by_lead = asks_for(duty.to, "lead") or asks_for(target, "lead")
    role = Role.COMMAND if by_lead or beside else Role.LEAD
    probing = Duty(role=role, to=duty.to, consent=Consent(of=(target,))) if beside else Duty(role=role, to=target)
    alone = found.rule.model_copy(update={"assign": (probing,), "code": "probe"})
    rules = (*found.ground.leading, alone) if by_lead else (alone,)
    return _Probe(found.ground, found.ground.indexed(rules), role, "probe", beside)


def _resolves(probe: _Probe, trial: Trial) -> bool:
    given = probe.ground.decide(trial.facts, probe.regulations)
    made = [one for one in given.assignments if one.rule == probe.rule and one.role is probe.role]
    if not probe.approvals:
        return bool(made)
    missing = any(trace.rule == probe.rule and trace.unresolved for trace in given.trace)
    return any(len(one.approvals) > missing for one in made)
