"""A set put in force decides from its time on, without a restart, at every instance, and whatever is killed."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.activation import (
    ReferenceRecorded,
    RegulationActivated,
    RegulationActivationRefused,
    RegulationProposed,
)
from contracts.approvals import EVERY_STEP
from contracts.envelope import read
from services.routing.in_force.activating import Lines, approve_proposal, cancel_proposal, propose_set
from services.runtime import clock
from tests.integration.http.hub import Hub
from tests.integration.routing.drafts import CHIEF, LEGAL, RENAMED, VERSION, asked, draft
from tests.integration.routing.instances import instance
from tests.integration.routing.records import Decided, accept, decided, on, told

NEXT = "reference-2026-12"
LATER = "reference-2027-1"


async def proposed(hub: Hub, folder: Path, version: str, after: timedelta | None = None) -> str:
    """Proposes the reference set under another version; the proposal's id."""
    (folder / version).mkdir()
    rules = draft(folder / version, version)
    effective = None if after is None else clock.now() + after
    steps = await on(hub, lambda client: propose_set(Lines(client, client), rules, effective, asked(LEGAL)))
    assert isinstance(steps, tuple), steps
    assert isinstance(steps[-1], RegulationProposed)
    return str(steps[-1].proposal)


async def approved(hub: Hub, proposal: str) -> RegulationActivated:
    """The second approver agrees."""
    steps = await on(hub, lambda client: approve_proposal(Lines(client, client), proposal, None, asked(CHIEF)))
    assert isinstance(steps, tuple), steps
    assert isinstance(steps[-1], RegulationActivated)
    return steps[-1]


def versions(found: list[Decided]) -> list[str]:
    """The set that made each decision, in the order of the reports."""
    return [one.decision.set_version for one in sorted(found, key=lambda one: one.at)]


async def test_a_set_put_in_force_decides_the_next_report_at_every_instance_without_a_restart(
    hub: Hub, tmp_path: Path
) -> None:
    async with instance(hub) as one, instance(hub) as other:
        await accept(hub)
        await one.decide()
        await approved(hub, await proposed(hub, tmp_path, NEXT))
        await accept(hub, 2)

        drafted = await other.decide(record=False)
        await one.decide()

    found = await decided(hub, 3)
    assert versions(found) == [VERSION, NEXT, NEXT]
    assert drafted == [decision.body for decision in found], "two instances decide the very same"


@pytest.mark.timeout(150)
async def test_a_set_for_later_decides_from_that_moment_and_one_that_was_cancelled_never(
    hub: Hub, tmp_path: Path
) -> None:
    async with instance(hub) as routing:
        soon = await approved(hub, await proposed(hub, tmp_path, NEXT, timedelta(seconds=35)))
        never = await approved(hub, await proposed(hub, tmp_path, LATER, timedelta(seconds=36)))
        cancelled = await on(
            hub, lambda client: cancel_proposal(Lines(client, client), str(never.proposal)[:30], CHIEF, "wait")
        )
        assert isinstance(cancelled, tuple), cancelled
        await accept(hub)
        await routing.decide()
        await asyncio.sleep((never.effective - clock.now()).total_seconds() + 0.5)
        await accept(hub)
        await routing.decide()

    assert versions(await decided(hub, 2)) == [VERSION, NEXT]
    late = await on(hub, lambda client: cancel_proposal(Lines(client, client), str(soon.proposal), CHIEF, None))
    assert isinstance(late, RegulationActivationRefused)


@pytest.mark.timeout(180)
async def test_routing_killed_around_a_switch_decides_every_report_by_the_set_of_its_time(
    hub: Hub, tmp_path: Path
) -> None:
    """Breaks when a restart forgets the active set, or a report handled late is decided by what came after it."""
    await hub.serve("routing")
    reports = await accept(hub, 3)
    await decided(hub, 3)
    await approved(hub, await proposed(hub, tmp_path, NEXT))
    reports += await accept(hub, 3)
    await decided(hub, 4)
    await hub.children.pop().kill()
    reports += await accept(hub, 2)
    await approved(hub, await proposed(hub, tmp_path, LATER))
    reports += await accept(hub, 2)
    await hub.serve("routing")

    found = {one.report: one.decision.set_version for one in await decided(hub, len(reports))}

    assert [found[report] for report in reports] == 3 * [VERSION] + 5 * [NEXT] + 2 * [LATER]
    assert len(await decided(hub, len(reports))) == len(reports)


async def test_an_old_report_delivered_again_after_the_switch_gets_the_identical_decision(
    hub: Hub, tmp_path: Path
) -> None:
    """Byte for byte, by an instance that has only the stream: the decision rests on when the report was stored."""
    async with instance(hub) as routing:
        await accept(hub, 2)
        await routing.decide()
        await approved(hub, await proposed(hub, tmp_path, NEXT))
        await accept(hub)
        await routing.decide()
    recorded = await decided(hub, 3)
    assert versions(recorded) == [VERSION, VERSION, NEXT]

    async with instance(hub, know=False) as fresh:
        again = await fresh.decide(record=False)

    assert again == [one.body for one in recorded]


async def test_two_proposals_of_one_version_with_two_texts_cannot_both_be_recorded(hub: Hub, tmp_path: Path) -> None:
    """Both look before either writes: the expected sequence lets one through and makes the other look again."""
    async with instance(hub):
        pass
    folders = []
    for name, edits in (("a", ()), ("b", (RENAMED,))):
        (tmp_path / name).mkdir()
        folders.append(draft(tmp_path / name, NEXT, *edits))

    outcomes = await asyncio.gather(
        *(
            on(hub, lambda client, folder=folder: propose_set(Lines(client, client), folder, None, asked(LEGAL)))  # type: ignore[misc]
            for folder in folders
        )
    )

    assert sorted(isinstance(outcome, tuple) for outcome in outcomes) == [False, True]
    parts = [data for _, data in await told(hub) if isinstance(data, ReferenceRecorded) and data.version == NEXT]
    assert len({part.sha256 for part in parts}) == 1


async def test_what_puts_a_set_in_force_names_both_approvers_and_the_text(hub: Hub, tmp_path: Path) -> None:
    async with instance(hub):
        pass
    activated = await approved(hub, await proposed(hub, tmp_path, NEXT))

    assert set(activated.approvers) == {LEGAL, CHIEF}
    stored = [read(one.body) for one in await hub.facts(EVERY_STEP)]
    of_it = [event for event in stored if event.data.version == NEXT]
    kinds = [type(event.data).__name__ for event in of_it]
    parts = next(event.data.parts for event in of_it if isinstance(event.data, ReferenceRecorded))
    steps = ["RegulationProposed", "RegulationApproved", "RegulationActivated"]
    assert kinds == ["ReferenceRecorded"] * parts + steps
    assert {event.data.sha256 for event in of_it} == {activated.sha256}
