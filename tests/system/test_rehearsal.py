"""`phoihop rehearse`: one scripted incident, the same story with and without killed processes and on the pure core."""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import pytest

from contracts.codes import Space
from services.routing.deciding import Regulator
from services.routing.in_force.reference import load_reference
from services.routing.incident.evolve import fold
from services.stack.rehearsal.killing import Killer
from services.stack.rehearsal.playing import Rehearsal, Seen
from services.stack.rehearsal.staging import rehearse
from tests.system.conftest import REFERENCE, StartSystem, System
from tests.system.purely import on_the_pure_core

SPEED: Final = 12
STRUCK: Final = frozenset({"fire-in-xuan-luong", "police-decline", "lead-taken", "silence", "merged", "split-off"})
"""`--kill-routing` kills at every step; these are one of each kind."""


@pytest.mark.long
@pytest.mark.timeout(420)
async def test_the_script_tells_one_story_whoever_is_killed(start_system: StartSystem) -> None:
    """Fails when a kill between sending and receipt loses, repeats or reorders a fact, or the core decides otherwise.

    Killed are processes that were stopped before they saw what was sent, and processes in the middle of it.
    """
    async with start_system(TIME_SCALE=str(1 / SPEED)) as system:
        plain = await _commanded(system)
        assert [step["step"] for step in plain["steps"] if not step["as_expected"]] == []
        assert plain["faults"] == []
        assert plain["refused"] == 0
        assert plain["obligations"]["arisen"] == plain["obligations"]["ended"] > 0
        assert plain["obligations"]["fired"] == 2
        assert plain["ledger"]["verified"]

        killer = Killer(system.home, only=STRUCK)
        killed = await rehearse(system.state, system.home, killer, _nothing)
        assert killer.kills == len(STRUCK)
        assert [seen for seen in killed.rehearsal.steps if seen.missing or seen.leads] == []
        assert killed.faults == ()
        assert killed.document["refused"] == plain["refused"] == 0
        assert _but_for_reminders(killed.document["story"]) == _but_for_reminders(plain["story"])
        assert killed.verification.verified
        _assert_decided_purely(killed.rehearsal)


def _assert_decided_purely(rehearsal: Rehearsal) -> None:
    """The pure core yields the recorded facts byte for byte, and so the state that folding EVENTS gives."""
    reference = load_reference(REFERENCE)
    draft = on_the_pure_core(rehearsal, Regulator(reference.regulations, reference.register, 1 / SPEED))
    facts = rehearsal.record.facts
    assert [event.to_bytes() for event in draft.events] == [fact.to_bytes() for fact in facts]
    for incident in rehearsal.record.incidents.values():
        recorded = fold(fact for fact in facts if fact.data.incident == incident)
        assert draft.touched[Space.EXERCISE, incident].state == recorded


def _but_for_reminders(story: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """A desk is rightly asked again where the hub was away for longer than the desk had: that depends on the machine.

    That the silent desk was asked again before its superior was, is a fact its step asks for.
    """
    return {whose: [kind for kind in kinds if kind != "DispatchRepeated"] for whose, kinds in story.items()}


async def _commanded(system: System) -> Mapping[str, Any]:
    """What `phoihop rehearse --json` says on the running stack; its exit code must agree."""
    command = (sys.executable, "-m", "services.cli", "rehearse", "--home", str(system.home), "--json")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    told: Mapping[str, Any] = json.loads(output)
    assert process.returncode == (0 if told["sound"] else 1), told
    return told


def _nothing(_rehearsal: Rehearsal, _seen: Seen) -> None:
    """Nobody watches."""
