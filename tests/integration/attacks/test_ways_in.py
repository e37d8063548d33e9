"""One-time codes as the operator's commands make, list and end them, on the real server with the operator's rights."""

import asyncio
import json
import os
import sys
from typing import Any, Final

import pytest

from contracts import access_subjects
from contracts.access import AccessChange, AccessChanged
from contracts.envelope import read
from contracts.identity import OPERATOR
from services.runtime.credentials import key_file
from services.runtime.jetstream import read_subject
from services.runtime.sending import connection
from services.runtime.web import codes
from tests.integration.attacks.arena import Arena
from tests.integration.attacks.front import OTHER_UNIT, UNIT
from tests.integration.http.hub import REFERENCE, ROOT
from tests.testers import TESTER

pytestmark = pytest.mark.asyncio(loop_scope="module")
ONE: Final = "/".join(UNIT)
OTHER: Final = "/".join(OTHER_UNIT)
CODES: Final = (("unit", OTHER), ("unit", OTHER, "--device"), ("unit", ONE))


async def _command(arena: Arena, *words: str) -> tuple[int, str]:
    told = {
        "PHOIHOP_NATS_URL": arena.server.url,
        "PHOIHOP_NATS_CREDS": str(key_file(arena.home, OPERATOR)),
        "PHOIHOP_HOME": str(arena.home),
        "PHOIHOP_REFERENCE": str(REFERENCE),
        "PYTHONPATH": str(ROOT),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PHOIHOP_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "identity", *words),
        env=kept | told,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await process.communicate()
    return process.returncode or 0, (said or wrong).decode()


async def _facts(arena: Arena, access: str) -> list[Any]:
    async with connection(arena.server.url, key_file(arena.home, TESTER)) as client:
        found = read_subject(client, "EVENTS", access_subjects.changes(access))
        return [read(stored.body).data async for stored in found]


async def test_a_code_is_made_shown_once_and_on_record_without_it(arena: Arena) -> None:
    """Breaks when the hub keeps what would let somebody in."""
    exit_code, said = await _command(arena, "code", "unit", ONE, "--name", "Tàu SAR", "--device", "--json")
    made = json.loads(said)

    (fact,) = await _facts(arena, made["session"])
    assert (exit_code, made["section"], made["device"]) == (0, "field", True)
    assert codes.id_of(made["code"]) == made["session"]
    assert isinstance(fact, AccessChanged)
    assert (fact.change, fact.holder.origin, fact.device) == (AccessChange.OFFERED, UNIT, True)
    assert made["code"] not in json.dumps(fact.model_dump(mode="json"))


async def test_ending_twice_is_one_fact(arena: Arena) -> None:
    _, said = await _command(arena, "code", "operator", "--json")
    made = json.loads(said)

    ended = [await _command(arena, "end", made["session"], "--reason", "mất", "--json") for _ in range(2)]

    assert [exit_code for exit_code, _ in ended] == [0, 0]
    facts = await _facts(arena, made["session"])
    assert [fact.change for fact in facts] == [AccessChange.OFFERED, AccessChange.ENDED]
    assert facts[1].reason == "mất"


async def test_all_ways_in_of_a_unit_end_at_once_and_no_others(arena: Arena) -> None:
    """For a lost device whose id nobody noted: with the key on the bus goes whatever came in over HTTP."""
    made = [json.loads((await _command(arena, "code", *words, "--json"))[1]) for words in CODES]

    exit_code, said = await _command(arena, "end", OTHER, "--reason", "mất", "--json")

    assert (exit_code, json.loads(said)["ended"]) == (0, sorted(one["session"] for one in made[:2]))
    facts = [[fact.change for fact in await _facts(arena, one["session"])] for one in made]
    assert [AccessChange.ENDED in changes for changes in facts] == [True, True, False]


async def test_a_code_draws_itself_for_a_phone(arena: Arena) -> None:
    exit_code, said = await _command(arena, "code", "unit", ONE, "--qr", "--url", "https://phoihop.example.vn")

    assert exit_code == 0
    assert "█" in said or "▀" in said


@pytest.mark.parametrize(
    "words",
    [
        ("code", "unit", "nobody/here"),
        ("code", "officer", "nobody/here"),
        ("code", "officer"),
        ("code", "auditor", ONE),
        ("code", "unit", "*/*"),
        ("end", "0" * 32),
    ],
    ids=" ".join,
)
async def test_what_the_register_or_the_stream_does_not_know_is_refused(arena: Arena, words: tuple[str, ...]) -> None:
    exit_code, said = await _command(arena, *words)

    assert exit_code == 2, said
