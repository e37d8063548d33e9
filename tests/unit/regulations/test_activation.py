"""A set comes to decide by two people, in the order of versions, from its time on, and nothing changes what was."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.activation import (
    Approver,
    RefusalReason,
    RegulationActivated,
    TextKind,
)
from contracts.canonical import sha256_hex
from services.routing.regulations.record.activation import Book, Switch
from services.routing.regulations.record.steps import (
    Attempt,
    Proof,
    approve,
    cancel,
    event_of,
    install,
    propose,
    unusable,
)
from services.routing.regulations.rules.texts import Text, TextKey
from tests.unit.regulations.hub import CHIEF, DAY, HELD, LEGAL, PROVED, REGISTER, START, Hub, attempt, reasons, text


def test_the_set_a_hub_was_installed_with_decides_until_people_put_another_in_force() -> None:
    hub = Hub()
    hub.approved(text("2"), START + DAY)

    assert hub.version_at(START - DAY) == "1", "before anything was recorded, the first"
    assert hub.version_at(START + DAY) == "1", "what was stored at the very moment may have been decided already"
    assert hub.version_at(START + DAY + timedelta(microseconds=1)) == "2"


def test_a_set_for_a_later_day_decides_from_that_day_and_nothing_before() -> None:
    hub = Hub()
    effective = START + 10 * DAY
    hub.approved(text("2"), START + DAY, effective)

    assert hub.version_at(effective - timedelta(microseconds=1)) == "1"
    assert hub.version_at(effective) == "2"


def test_what_decided_at_a_moment_is_never_changed_by_what_is_recorded_later() -> None:
    """A redelivered report would otherwise get another decision than the first time."""
    hub = Hub()
    moments = [START + n * DAY for n in range(30)]
    for version, day in (("2", 3), ("3", 9), ("4", 20)):
        now = START + day * DAY
        before = [hub.version_at(moment) for moment in moments if moment <= now]
        hub.approved(text(version), now)
        assert [hub.version_at(moment) for moment in moments if moment <= now] == before


def test_one_person_alone_puts_nothing_in_force() -> None:
    """Two keys: the second approver must be somebody else, whatever the proposer claims."""
    hub = Hub()
    proposal = hub.proposed(text("2"), START + DAY)

    outcome = approve(hub.book, hub.book.proposals[proposal], PROVED, attempt(LEGAL, START + DAY), text("2").sha256)

    assert reasons(outcome) == {RefusalReason.SAME_APPROVER}
    assert hub.version_at(START + 2 * DAY) == "1"


@pytest.mark.parametrize("approvers", [(), (LEGAL,), (LEGAL, LEGAL), (CHIEF, Approver(role="x", agency="y"))])
def test_an_activation_without_two_approvers_changes_nothing_even_if_it_is_on_record(
    approvers: tuple[Approver, ...],
) -> None:
    """Whoever can write to the stream could record anything; what decides is read from all of the record."""
    hub = Hub()
    proposal = hub.proposed(text("2"), START + DAY)
    proposed = hub.book.proposals[proposal].proposed
    forged = RegulationActivated(
        proposal=proposal,
        set="set",
        version="2",
        sha256=proposed.sha256,
        effective=START + DAY,
        basis="approved",
        approvers=approvers,
    )

    hub.add([forged], START + DAY, CHIEF)

    assert hub.version_at(START + 2 * DAY) == "1"


def test_an_activation_of_a_text_that_is_not_on_record_changes_nothing() -> None:
    hub = Hub()
    forged = RegulationActivated(
        proposal=UUID(int=5), set="set", version="9", sha256="9" * 64, effective=START, basis="reference"
    )

    hub.add([forged], START + DAY)

    assert hub.version_at(START + 2 * DAY) == "1"


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        (Proof("r-1", HELD, faults=("gap: …",)), RefusalReason.NOT_CLEAN),
        (Proof("r-1", HELD, failed=("case: …",)), RefusalReason.CASES_FAIL),
    ],
)
def test_a_set_that_is_not_proved_is_refused_to_both_approvers(proof: Proof, reason: RefusalReason) -> None:
    """A bad set never replaces a good one."""
    hub = Hub()
    who, now = attempt(LEGAL, START + DAY), START + DAY
    assert reasons(propose(hub.book, text("2"), proof, who, (UUID(int=9), None))) == {reason}

    proposal = hub.proposed(text("2"), now)
    outcome = approve(hub.book, hub.book.proposals[proposal], proof, attempt(CHIEF, now), text("2").sha256)
    assert reasons(outcome) == {reason}


def test_the_same_version_with_another_text_is_refused() -> None:
    hub = Hub()
    outcome = propose(hub.book, text("1", "other"), PROVED, attempt(LEGAL, START + DAY), (UUID(int=9), None))
    assert RefusalReason.OTHER_TEXT in reasons(outcome)

    proposal = hub.proposed(text("2"), START + DAY)
    own = approve(hub.book, hub.book.proposals[proposal], PROVED, attempt(CHIEF, START + DAY), text("2", "x").sha256)
    assert reasons(own) == {RefusalReason.OTHER_TEXT}


def test_only_a_newer_version_may_follow() -> None:
    hub = Hub()
    hub.approved(text("3"), START + DAY)

    for version in ("2", "3"):
        outcome = propose(hub.book, text(version), PROVED, attempt(LEGAL, START + 2 * DAY), (UUID(int=9), None))
        assert RefusalReason.NOT_NEWER in reasons(outcome)


def test_between_what_decides_and_what_is_to_follow_only_a_version_between_fits() -> None:
    hub = Hub()
    hub.approved(text("5"), START + DAY, START + 20 * DAY)

    late = propose(hub.book, text("6"), PROVED, attempt(LEGAL, START + 2 * DAY), (UUID(int=9), START + 10 * DAY))
    assert reasons(late) == {RefusalReason.NOT_NEWER}
    hub.approved(text("4"), START + 2 * DAY, START + 10 * DAY)

    assert [hub.version_at(START + n * DAY) for n in (9, 10, 19, 20)] == ["1", "4", "4", "5"]


def test_an_activation_can_be_cancelled_until_it_takes_effect_and_not_after() -> None:
    hub = Hub()
    effective = START + 10 * DAY
    proposal = hub.approved(text("2"), START + DAY, effective)
    late = cancel(hub.book, hub.book.proposals[proposal], attempt(CHIEF, effective), None)
    assert reasons(late) == {RefusalReason.NOT_OPEN}

    now = START + 2 * DAY
    hub.take(cancel(hub.book, hub.book.proposals[proposal], attempt(CHIEF, now), "wait"), now, CHIEF)

    assert hub.version_at(effective + DAY) == "1"
    again = cancel(hub.book, hub.book.proposals[proposal], attempt(CHIEF, START + 3 * DAY), None)
    assert reasons(again) == {RefusalReason.NOT_OPEN}


def test_a_cancellation_recorded_too_late_undoes_nothing() -> None:
    """Decisions were made by the set; taking it away afterwards would make them unexplainable."""
    hub = Hub()
    effective = START + 10 * DAY
    proposal = hub.approved(text("2"), START + DAY, effective)
    in_time = cancel(hub.book, hub.book.proposals[proposal], attempt(CHIEF, effective - timedelta(seconds=1)), None)

    hub.take(in_time, effective, CHIEF)

    assert hub.version_at(effective) == "2"


def test_a_cancelled_proposal_cannot_be_approved_but_its_set_can_be_proposed_again() -> None:
    hub = Hub()
    proposal = hub.proposed(text("2"), START + DAY)
    hub.take(cancel(hub.book, hub.book.proposals[proposal], attempt(LEGAL, START + DAY), None), START + DAY, LEGAL)

    outcome = approve(hub.book, hub.book.proposals[proposal], PROVED, attempt(CHIEF, START + 2 * DAY), text("2").sha256)

    assert reasons(outcome) == {RefusalReason.NOT_OPEN}
    hub.approved(text("2"), START + 2 * DAY)
    assert hub.version_at(START + 3 * DAY) == "2"


def test_a_time_that_has_passed_and_an_agency_nobody_knows_are_refused() -> None:
    hub = Hub()
    stranger = Attempt(Approver(role="x", agency="nobody"), START + DAY, {"tinh"})

    outcome = propose(hub.book, text("2"), PROVED, stranger, (UUID(int=9), START))

    assert reasons(outcome) == {RefusalReason.UNKNOWN_AGENCY, RefusalReason.IN_THE_PAST}


def test_a_text_that_cannot_be_used_never_replaces_the_one_before() -> None:
    hub = Hub()
    hub.approved(text("2"), START + DAY)
    bad = text("2").sha256

    kept = hub.book.in_force(START + 2 * DAY, {bad})

    assert kept is not None
    assert kept.activated.version == "1"
    hub.add([unusable(hub.book.switches[-1], "why")], START + DAY)
    assert hub.book.refused == {hub.book.switches[-1].activated.proposal}


def test_a_reference_folder_is_put_on_record_once_and_followed_only_forwards() -> None:
    hub = Hub()
    assert install(hub.book, REGISTER, text("1"), START + DAY) == ((), ())

    changed = install(hub.book, REGISTER, text("1", "changed"), START + DAY)
    assert changed.facts == ()
    assert len(changed.ignored) == 1

    hub.add(install(hub.book, REGISTER, text("2"), START + DAY).facts, START + DAY)
    assert hub.version_at(START + 2 * DAY) == "2"
    back = install(hub.book, REGISTER, text("1"), START + 2 * DAY)
    assert (back.facts, len(back.ignored)) == ((), 1)


def test_once_people_have_put_a_set_in_force_the_reference_folder_decides_nothing_any_more() -> None:
    hub = Hub()
    hub.approved(text("2"), START + DAY)

    assert install(hub.book, REGISTER, text("3"), START + 2 * DAY) == ((), ())


def test_the_register_known_at_a_moment_is_the_one_recorded_before_it() -> None:
    """A report is decided with the register as known when it was stored, however often it is delivered."""
    hub = Hub()
    later = Text(TextKey(TextKind.REGISTER, "register", "r-2"), sha256_hex(b"r-2"), b"r-2")
    hub.add(install(hub.book, later, None, START + DAY).facts, START + DAY)

    assert hub.book.register_at(START - DAY) == REGISTER.key
    assert hub.book.register_at(START + DAY) == REGISTER.key
    assert hub.book.register_at(START + DAY + timedelta(microseconds=1)) == later.key
    assert install(hub.book, REGISTER, None, START + 2 * DAY).ignored != ()


def test_the_same_step_is_the_same_event_so_that_two_instances_record_one() -> None:
    facts = install(Book(), REGISTER, text("1"), START).facts

    assert [event_of(f, START, None).id for f in facts] == [event_of(f, START + DAY, None).id for f in facts]
    assert len({event_of(f, START, None).id for f in facts}) == len(facts)


def test_switches_stand_in_the_order_in_which_they_take_effect() -> None:
    hub = Hub()
    hub.approved(text("5"), START + DAY, START + 20 * DAY)
    hub.approved(text("4"), START + 2 * DAY, START + 10 * DAY)

    assert [type(switch) for switch in hub.book.switches] == [Switch] * 3
    assert [switch.activated.version for switch in hub.book.switches] == ["1", "4", "5"]
