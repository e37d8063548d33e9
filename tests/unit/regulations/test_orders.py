"""Orders that end by themselves: who may give them, until when, and who takes over."""

from datetime import timedelta

import pytest

from services.routing.in_force.reference import Reference
from services.routing.regulations.engine.facts import facts_of
from services.routing.regulations.proof.counterexample import report_of
from services.routing.regulations.proof.findings import FindingKind
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.telling.explaining import explain
from tests.unit.regulations.conftest import AT, States
from tests.unit.regulations.writing import CHAIR, COMMAND, GATE, STATION, Sets, decided, desks, duty, findings, sets


@pytest.fixture
def made(reference: Reference) -> Sets:
    return sets(reference)


def border(made: Sets, *, follow_up: bool = True) -> RegulationSet:
    """A gate: the station for six hours, the command until twelve, then the chair."""
    six, twelve = timedelta(hours=6), timedelta(hours=12)
    order = {"lasts": six, "prompt": timedelta(hours=1), "next": COMMAND}
    longer = {"lasts": twelve, "prompt": timedelta(hours=2), "next": CHAIR}
    gate = {"category": ["BOR-GATE"]}
    rules = [({**gate, "lasting": {"less_than": six}}, [duty("lead", STATION, order=order)])]
    if follow_up:
        rules += [
            ({**gate, "lasting": {"at_least": six, "less_than": twelve}}, [duty("lead", COMMAND, order=longer)]),
            ({**gate, "lasting": {"at_least": twelve}}, [duty("lead", CHAIR)]),
        ]
    return made(*rules)


@pytest.mark.parametrize(
    ("hours", "lead"),
    [
        (0, ("bp-d-dak-wil", "bp-t-lam-dong")),
        (5, ("bp-d-dak-wil", "bp-t-lam-dong")),
        (6, ("bp-t-lam-dong", "ubnd-t-lam-dong")),
        (13, ("ubnd-t-lam-dong", None)),
    ],
)
def test_a_gate_passes_to_the_next_authority_when_an_order_ends(
    hours: int, lead: tuple[str, str | None], made: Sets, reference: Reference, state: States
) -> None:
    """Pitfall 15: an order that outlived its limit would close a border without anybody's authority."""
    facts = state("BOR-GATE", GATE, occurred_at=AT - timedelta(hours=hours))
    decision = decided(border(made), facts, reference)
    cap = decision.assignments[0].order
    following = desks(cap.next)[0] if cap else None
    assert (decision.assignments[0].addressee.agency, following) == lead


def test_an_order_counts_from_the_restriction_and_prompts_before_it_ends(
    made: Sets, reference: Reference, state: States
) -> None:
    since = AT - timedelta(hours=2)
    facts = state("BOR-GATE", GATE, restricted_since=since)
    cap = decided(border(made), facts, reference).assignments[0].order
    assert cap is not None
    assert (cap.prompt_due(facts.restricted_from), cap.ends(facts.restricted_from)) == (
        since + timedelta(hours=5),
        since + timedelta(hours=6),
    )


def test_why_says_how_long_it_lasted_and_until_when_the_order_holds(
    made: Sets, reference: Reference, state: States
) -> None:
    facts = state("BOR-GATE", GATE, occurred_at=AT - timedelta(hours=7))
    regulation_set = border(made)
    found = explain(decided(regulation_set, facts, reference), regulation_set, reference.register, AT)
    assert found.recipients[0].order == (AT + timedelta(hours=3), AT + timedelta(hours=5))
    (matched,) = (rule for rule in found.rules if rule.matched)
    assert matched.conditions[-1].condition.en == "lasting for 6 hours or longer but less than 12 hours"
    assert matched.conditions[-1].fact.en == "7 hours"
    failed = [met for rule in found.rules if not rule.matched for met in rule.conditions if not met.holds]
    assert [met.condition.vi for met in failed] == ["mới kéo dài dưới 6 giờ", "đã kéo dài từ 12 giờ trở lên"]


def test_an_order_that_nobody_takes_over_is_found(made: Sets, reference: Reference) -> None:
    assert findings(border(made), reference, FindingKind.ORDER) == []
    (finding,) = findings(border(made, follow_up=False), reference, FindingKind.ORDER)
    assert "prompts bp-t-" in finding.words.en
    assert finding.wanted is not None
    assert finding.wanted.agency.startswith("bp-t-")
    report = report_of(finding.example, reference.register)
    assert facts_of(report, finding.example.first_reporter, reference.register, report.sent) == finding.example


def test_an_order_given_on_after_its_end_is_found(made: Sets, reference: Reference) -> None:
    order = {"lasts": timedelta(hours=6), "prompt": timedelta(hours=1), "next": COMMAND}
    endless = made(({"category": ["BOR-GATE"]}, [duty("lead", STATION, order=order)]))
    (finding,) = findings(endless, reference, FindingKind.ORDER)
    assert "still lets bp-d-" in finding.words.en


def test_a_next_authority_a_key_and_a_member_that_exist_nowhere_are_found(made: Sets, reference: Reference) -> None:
    nobody = {"agency_type": "UBND-X", "of": "area", "desk": "no-such-desk"}
    order = {"lasts": timedelta(hours=6), "prompt": timedelta(hours=1), "next": nobody}
    keys = {"of": [{"superior_of": "holder", "tree": "police"}]}
    group = {"any_one_of": [STATION, {"agency_type": "CR", "of": "province"}]}
    duties = [duty("lead", STATION, order=order, consent=keys), duty("coordinate", group)]
    found = findings(made(({"category": ["BOR-GATE"]}, duties)), reference, FindingKind.NOBODY)
    assert [finding.words.en.partition("holds ")[2] for finding in found] == [
        "“the commune People's Committee responsible for the very area (desk no-such-desk)” nowhere",
        "“the recipient's police superior” nowhere",
        "“the forest owner of each province concerned” nowhere",
    ]
