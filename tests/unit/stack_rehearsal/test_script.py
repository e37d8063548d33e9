"""The script names only what the register has, and shows everything a rehearsal is to show."""

from pathlib import Path

import pytest

from contracts.actions import Accept, Acknowledge, Close, Decline, HandOverCommand, Merge, SetLevel, Split, Transfer
from contracts.register import Register
from services.runtime.register.loading import load_register
from services.stack.rehearsal.script import BRIGADE, FOREST_FIRE, INSTANTS, STATION
from services.stack.rehearsal.steps import Does, Files, Waits

REGISTER = Path(__file__).parents[3] / "deploy" / "reference" / "register.yaml"


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(REGISTER)


def test_every_unit_and_desk_of_the_script_is_in_the_register(register: Register) -> None:
    points = {f"{agency.code}/{unit.code}" for agency in register.agencies for unit in agency.units}
    points |= {f"{agency.code}/{desk.code}" for agency in register.agencies for desk in agency.desks}
    named = {FOREST_FIRE.silent}
    for step in FOREST_FIRE.steps:
        named |= {brought.desk for brought in step.brings if brought.desk} | {one for one in step.leads.values() if one}
        match step.does:
            case Files(unit=unit):
                named.add(unit)
            case Does(desk=desk):
                named.add(desk)
            case Waits():
                pass
    assert named <= points


def test_the_script_shows_every_way_a_duty_and_a_lead_change_hands() -> None:
    kinds = {step.does.kind for step in FOREST_FIRE.steps if isinstance(step.does, Does)}
    assert kinds == {Accept, Acknowledge, Close, Decline, HandOverCommand, Merge, SetLevel, Split, Transfer}
    filed = [step.does for step in FOREST_FIRE.steps if isinstance(step.does, Files)]
    assert [one.corrects for one in filed] == [None, None, None, "fire-in-xuan-luong"]
    assert sum(isinstance(step.does, Waits) for step in FOREST_FIRE.steps) == 1


def test_command_on_scene_is_given_and_its_holder_relieved() -> None:
    given = [step.commands for step in FOREST_FIRE.steps if step.commands]
    assert given == [{"A": STATION}, {"A": BRIGADE}]


def test_the_instants_looked_at_are_steps_of_the_script() -> None:
    assert len(INSTANTS) == 3
    assert set(INSTANTS) <= {step.key for step in FOREST_FIRE.steps}


def test_every_step_has_a_name_of_its_own_and_brings_something() -> None:
    assert len({step.key for step in FOREST_FIRE.steps}) == len(FOREST_FIRE.steps)
    assert all(step.brings for step in FOREST_FIRE.steps)


def test_at_the_end_nobody_leads_anything() -> None:
    assert set(FOREST_FIRE.steps[-1].leads.values()) == {None}
