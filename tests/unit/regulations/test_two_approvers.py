"""Two approvers, each in their own name on record, put a set in force; every way to cheat them leaves it as it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
import typer

from contracts.activation import (
    ActivationData,
    Approver,
    RefusalReason,
    RegulationActivated,
    RegulationActivationCancelled,
    RegulationActivationRefused,
    RegulationApproved,
    RegulationProposed,
)
from contracts.approvals import approver_of, step, steps_of
from contracts.subjects import regulation
from services.routing.commands.asking import in_the_name_of
from services.routing.in_force.activating import Lines
from services.routing.regulations.record.activation import Book, Stored, after
from services.routing.regulations.record.steps import approve, install
from services.routing.regulations.rules.texts import Text
from services.runtime.terminal import Exit, Language
from tests.unit.regulations.hub import (
    CHIEF,
    DAY,
    HELD,
    LEGAL,
    PROVED,
    REGISTER,
    START,
    Hub,
    attempt,
    reasons,
    text,
)

NOW: Final = START + DAY
DESK: Final = Approver(role="truc-ban", agency="tinh")
Forged = list[tuple[ActivationData, Approver | None]]
"""Facts, and under whose name the server let them stand; None: one of our services."""


def approved(proposed: RegulationProposed, by: Approver = CHIEF, **changes: object) -> RegulationApproved:
    """An approval that may differ from what was proposed."""
    kept = proposed.model_dump(include={"proposal", "set", "version", "sha256", "effective"})
    return RegulationApproved(**(kept | changes), by=by, register_version="r-1", held=HELD)


def activated(
    proposed: RegulationProposed, approvers: tuple[Approver, ...] = (LEGAL, CHIEF), **changes: object
) -> RegulationActivated:
    """An activation as the second approver would record it."""
    kept = proposed.model_dump(include={"proposal", "set", "version", "sha256", "effective"})
    return RegulationActivated(**(kept | changes), basis="approved", approvers=approvers)


def _proposed(hub: Hub) -> RegulationProposed:
    """What waits for the second approver."""
    proposal = hub.proposed(text("2"), NOW)
    return hub.book.proposals[proposal].proposed


def _later(moment: datetime) -> datetime:
    return moment + timedelta(hours=1)


CHEATS: Final[dict[str, Callable[[RegulationProposed], Forged]]] = {
    "one-person-twice": lambda p: [(approved(p, LEGAL), LEGAL), (activated(p, (LEGAL, LEGAL)), LEGAL)],
    "one-person-who-names-another": lambda p: [(approved(p, CHIEF), LEGAL), (activated(p), LEGAL)],
    "an-approver-nobody-heard-of": lambda p: [(activated(p), LEGAL)],
    "the-second-without-the-approval": lambda p: [(activated(p), CHIEF)],
    "approval-of-another-digest": lambda p: [(approved(p, sha256="f" * 64), CHIEF), (activated(p), CHIEF)],
    "approval-of-another-version": lambda p: [(approved(p, version="3"), CHIEF), (activated(p), CHIEF)],
    "approval-for-another-time": lambda p: [
        (approved(p, effective=_later(p.effective)), CHIEF),
        (activated(p), CHIEF),
    ],
    "activation-at-another-time": lambda p: [
        (approved(p), CHIEF),
        (activated(p, effective=_later(p.effective)), CHIEF),
    ],
    "activation-of-another-digest": lambda p: [(approved(p), CHIEF), (activated(p, sha256="f" * 64), CHIEF)],
    "replay-of-an-approval-of-another-proposal": lambda p: [
        (approved(p, proposal=UUID(int=77)), CHIEF),
        (activated(p), CHIEF),
    ],
    "a-copy-of-the-approval-by-somebody-else": lambda p: [(approved(p), DESK), (activated(p), DESK)],
    "the-operator-or-a-service-alone": lambda p: [(approved(p), None), (activated(p), None)],
    "a-service-that-claims-a-reference": lambda p: [
        (activated(p, ()).model_copy(update={"basis": "reference"}), LEGAL),
    ],
    "three-names": lambda p: [
        (approved(p), CHIEF),
        (activated(p).model_copy(update={"approvers": (LEGAL, CHIEF, DESK)}), CHIEF),
    ],
    "the-first-counted-from-the-approval": lambda p: [(approved(p), CHIEF), (activated(p, (CHIEF, CHIEF)), CHIEF)],
}


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=list(CHEATS))
def test_whoever_cheats_puts_nothing_in_force(cheat: Callable[[RegulationProposed], Forged]) -> None:
    """Two people answer for the law that decides; one, or none, could otherwise send every report where they please."""
    hub = Hub()
    proposed = _proposed(hub)

    for fact, under in cheat(proposed):
        hub.add([fact], NOW, under)

    assert hub.version_at(NOW + 2 * DAY) == "1"


def test_the_two_of_them_do_and_either_may_not_be_missing() -> None:
    hub = Hub()
    proposed = _proposed(hub)

    hub.add([approved(proposed)], NOW, CHIEF)
    assert hub.version_at(NOW + 2 * DAY) == "1", "agreed to, not yet in force"
    hub.add([activated(proposed)], NOW, CHIEF)

    assert hub.version_at(NOW + 2 * DAY) == "2"


def test_an_approval_is_used_up_by_its_activation_or_cancellation() -> None:
    """Replayed, it would bring a set back that people took away."""
    hub = Hub()
    proposal = hub.proposed(text("2"), NOW, NOW + 5 * DAY)
    proposed = hub.book.proposals[proposal].proposed
    hub.add([approved(proposed), activated(proposed)], NOW, CHIEF)
    gone = proposed.model_dump(include={"proposal", "set", "version", "sha256", "effective"})
    hub.add([RegulationActivationCancelled(**gone, by=LEGAL)], NOW + DAY, LEGAL)

    hub.add([approved(proposed), activated(proposed)], NOW + 2 * DAY, CHIEF)

    assert hub.version_at(NOW + 9 * DAY) == "1"


def test_nobody_proposes_or_cancels_in_anothers_name() -> None:
    hub = Hub()
    proposed = _proposed(hub)
    gone = proposed.model_dump(include={"proposal", "set", "version", "sha256", "effective"})

    hub.add([RegulationActivationCancelled(**gone, by=LEGAL)], NOW, CHIEF)
    hub.add([proposed.model_copy(update={"proposal": UUID(int=8)})], NOW, None)

    assert list(hub.book.proposals) == [proposed.proposal]
    assert hub.book.proposals[proposed.proposal].open


def test_a_proposal_is_not_overwritten_by_another_under_its_id() -> None:
    """Otherwise a second proposal could put another text beneath an approval already given."""
    hub = Hub()
    proposed = _proposed(hub)

    hub.add([proposed.model_copy(update={"by": CHIEF, "sha256": "e" * 64})], NOW, CHIEF)

    assert hub.book.proposals[proposed.proposal].proposed == proposed


def test_an_approver_changes_no_register_and_takes_no_set_out_of_force() -> None:
    hub = Hub()
    hub.approved(text("2"), NOW)
    switch = hub.book.switches[-1]
    other = install(Hub().book, Text(REGISTER.key._replace(version="r-9"), "0" * 64, b"x"), None, NOW)
    refusal = RegulationActivationRefused(
        set="set",
        version="2",
        sha256=switch.activated.sha256,
        proposal=switch.activated.proposal,
        step="take_effect",
        reasons=(RefusalReason.UNUSABLE,),
    )

    hub.book = _under(hub, other.facts, LEGAL)
    hub.book = _under(hub, (refusal,), LEGAL)

    assert hub.book.register_at(NOW + DAY) == REGISTER.key
    assert hub.book.refused == frozenset()


def _under(hub: Hub, facts: tuple[ActivationData, ...], by: Approver) -> Book:
    book = hub.book
    for number, fact in enumerate(facts, start=900):
        book = after(book, fact, Stored(step("set", by), number, NOW))
    return book


def test_the_second_approver_is_refused_what_is_not_what_was_proposed() -> None:
    hub = Hub()
    _proposed(hub)
    (proposal,) = hub.book.proposals.values()

    assert reasons(approve(hub.book, proposal, PROVED, attempt(LEGAL, NOW), text("2").sha256)) == {
        RefusalReason.SAME_APPROVER
    }
    assert reasons(approve(hub.book, proposal, PROVED, attempt(CHIEF, NOW), text("2", "x").sha256)) == {
        RefusalReason.OTHER_TEXT
    }


def test_a_subject_names_the_approver_whole_and_the_hubs_own_names_nobody() -> None:
    assert step("national", LEGAL) == "actual.regulation.national.tinh.phap-che"
    assert approver_of(step("national", LEGAL)) == LEGAL
    assert approver_of(regulation("national")) is None
    assert steps_of("tinh", "phap-che") == "actual.regulation.*.tinh.phap-che"


def test_without_the_approvers_key_nothing_is_tried_and_the_way_to_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise somebody would look for a server that is there, or try with a key that is another's."""

    async def never(_lines: Lines) -> None:
        pytest.fail("a step was taken without a key")

    with pytest.raises(typer.Exit) as ended:
        in_the_name_of(Language.EN, LEGAL, tmp_path / "no.nk", never)

    assert ended.value.exit_code == Exit.USAGE
    assert "phoihop identity create owner tinh/phap-che" in capsys.readouterr().err
