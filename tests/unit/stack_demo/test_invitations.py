"""Who watches the demonstration is let in as somebody of the story, and the addresses are those of the sections."""

from datetime import date
from pathlib import Path

from contracts.access import SECTIONS, Role
from services.runtime.embedded.local_stack import Phase, ProcessState, StackState
from services.runtime.register.loading import load_register
from services.runtime.terminal import Language
from services.stack.demo.invitations import Invitation, guests, owners, told
from services.stack.demo.names import Names
from services.stack.demo.scenario import load_scenario
from services.stack.sections import PROCESSES, doors, start_page

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference"
REGISTER = load_register(REFERENCE / "register.yaml")
STORY_DAY = date(2026, 11, 22)
STORY = load_scenario(REFERENCE, "flood-morning", REGISTER)
STATE = StackState(
    supervisor_pid=1,
    phase=Phase.READY,
    durability="always",
    nats_url="tls://127.0.0.1:1",
    postgres_dsn="",
    processes=tuple(
        ProcessState(name=name, phase=Phase.READY, url=f"http://127.0.0.1:{8000 + place}")
        for place, name in enumerate(sorted(PROCESSES.values()))
    ),
)


def test_every_role_is_let_in_and_two_desks_see_different_days() -> None:
    found = guests(STORY)
    assert {holder.role for holder in found} == set(Role)
    first, second = [holder.origin for holder in found if holder.role is Role.OFFICER]
    assert first != second


def test_guests_are_known_to_the_register() -> None:
    """Fails when the demonstration hands out a way in that leads nowhere."""
    units = {(agency.code, unit.code) for agency in REGISTER.agencies for unit in agency.units}
    known = units | {(agency.code, desk.code) for agency in REGISTER.agencies for desk in agency.desks}
    points = {holder.origin for holder in guests(STORY) if holder.origin and holder.role is not Role.OWNER}
    assert points <= known


def test_two_owners_of_one_agency_can_put_a_set_in_force() -> None:
    """Fails when the demonstration shows proposals that nobody could approve."""
    found = [holder.origin for holder in guests(STORY) if holder.role is Role.OWNER]
    assert found == [(who.agency, who.point) for who in owners(STORY)]
    assert len(set(found)) == 2
    assert {origin.agency for origin in found if origin} <= {agency.code for agency in REGISTER.agencies}


def test_each_address_is_printed_with_its_code_in_both_languages() -> None:
    found = tuple(Invitation(holder, f"{doors(STATE)[holder.role]}/sign-in?code=A") for holder in guests(STORY))
    for language in Language:
        names = Names(REGISTER, STORY_DAY, language)
        text = "\n".join(told(STATE, found, names, language))
        assert start_page(STATE) in text
        assert all(address in text for _, address in found)


def test_behind_a_proxy_sections_have_no_port() -> None:
    assert doors(None) == {role: f"/{section}" for role, section in SECTIONS.items()}
    assert doors(STATE)[Role.OPERATOR].endswith("/status")
    assert len(set(doors(STATE).values())) == len(SECTIONS)
