"""A report that names people through the running system: they are nowhere in clear, and can be erased.

What is searched are the files themselves: streams, database with its write-ahead log, logs. A marker that is not in
them as bytes is not in them at all: nothing here compresses or encrypts but us.
"""

import asyncio
import base64
import hashlib
import json
import os
import random
import sys
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nats.aio.client import Client

from tests.system.conftest import StartSystem, System, ledger_verify, put_report
from tests.system.evidence import Fact, gather, read_stream, settled
from tests.system.load import Sent, Units

UNIT = "kl-h-yen-the/tram-xuan-luong"
KEEPER = ("--by", "Chánh Văn phòng UBND tỉnh", "--basis", "Yêu cầu số 12 của gia đình")
KILLS = 3
PAUSE = 0.1
"""Between two reports, in seconds: the killing may take minutes on a busy machine."""


@pytest.mark.timeout(300)
async def test_people_are_nowhere_in_clear_and_can_be_erased_while_every_proof_holds(start_system: StartSystem) -> None:
    """Broken when any door, format, refusal or log lets a name through, or when erasing costs a proof."""
    async with start_system() as system, system.client() as client:
        units, marker = Units(client, random.randrange(2**32)), _marker()
        await units.listen()
        report, told = await _filed(system, units, marker)
        await _refused(units, marker)
        await settled(client)
        await _vault_empty(client)
        evidence = await gather(client, system.state.postgres_dsn)
        assert marker not in json.dumps([*told, *_told(units.sent)])
        assert _holding(system.home, marker) == []

        accepted = evidence.of("ReportAccepted")[0]
        assert [one["kind"] for one in accepted.data["personal"]] == ["contact", "casualty", "original"]
        incident = str(evidence.of("IncidentOpened")[0].event["incidentid"])
        shown = await _ledger(system, "personal", "show", "--incident", incident, *KEEPER)
        values = [one["value"] for one in shown["values"]]
        assert values[:2] == [one["value"] for one in report["personal"]]
        assert json.loads(base64.b64decode(values[2])) == report
        await _the_evidence_proves_both_ways(system, incident, marker)

        erased = await _ledger(system, "personal", "erase", "--incident", incident, *KEEPER)
        assert (erased["reports"], erased["keys_destroyed"]) == (1, 1)
        await gather(client, system.state.postgres_dsn)
        after = await _ledger(system, "personal", "show", "--incident", incident, *KEEPER)
        assert {(one["outcome"], one["value"]) for one in after["values"]} == {("erased", None)}
        await _the_evidence_proves_both_ways(system, incident, None)
        found = await ledger_verify(system)
        assert (found["verified"], found["findings"], found["unreadable"]) == (True, [], 0)
        kinds = [fact.kind for fact in await read_stream(client, "EVENTS")]
        assert (kinds.count("PersonalDataErased"), kinds.count("AuditRead") >= 2) == (1, True)
        assert _holding(system.home, marker) == []


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_no_acknowledged_value_is_lost_when_intake_and_audit_are_killed(start_system: StartSystem) -> None:
    """Broken when a fact can be recorded whose values were not handed over, or a value is acknowledged uncommitted."""
    async with start_system() as system, system.client() as client:
        units, marker = Units(client, random.randrange(2**32)), _marker()
        await units.listen()
        killing = asyncio.create_task(_kill_both(system))
        async with asyncio.TaskGroup() as tasks:
            while not killing.done():
                tasks.create_task(units.send(_with_person(units, f"{marker} {len(units.sent)}")))
                await asyncio.sleep(PAUSE)
        await killing
        await settled(client)
        await _vault_empty(client)
        accepted = [fact for fact in await read_stream(client, "EVENTS") if fact.kind == "ReportAccepted"]
        assert all(one.told for one in units.sent)
        assert len(accepted) == len(units.sent) > 20
        opened = await _opened(system, accepted)
        assert sorted(opened) == sorted(f"{marker} {number}" for number in range(len(units.sent)))
        assert _holding(system.home, marker) == []


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_no_value_is_lost_when_the_vaults_key_changes_while_services_are_killed(
    start_system: StartSystem,
) -> None:
    """Broken when intake seals to a key the audit does not hold, or a key is destroyed that something still needs."""
    async with start_system() as system, system.client() as client:
        units, marker = Units(client, random.randrange(2**32)), _marker()
        await units.listen()
        changing = asyncio.create_task(_change_keys(system))
        async with asyncio.TaskGroup() as tasks:
            while not changing.done():
                tasks.create_task(units.send(_with_person(units, f"{marker} {len(units.sent)}")))
                await asyncio.sleep(PAUSE)
        await changing
        await settled(client)
        await _vault_empty(client)
        await units.send(_with_person(units, f"{marker} {len(units.sent)}"))
        await settled(client)
        await _vault_empty(client)
        gone = await _ledger(system, "personal", "rotate-vault-key", "--finish", "--grace", "0")
        assert [one["outcome"] for one in gone["retired"]] == ["destroyed"] * KILLS
        assert (await _ledger(system, "personal", "parked"))["parked"] == []
        accepted = [fact for fact in await read_stream(client, "EVENTS") if fact.kind == "ReportAccepted"]
        opened = await _opened(system, accepted)
        assert sorted(opened) == sorted(f"{marker} {number}" for number in range(len(units.sent)))
        secrets = [one for one in (system.home / "keys").glob("vault.key*") if one.stat().st_size]
        assert [one.name for one in secrets] == ["vault.key"]


def _marker() -> str:
    return f"Nguyễn-{uuid.uuid4().hex}"


def _with_person(units: Units, name: str) -> Sent:
    one = units.fresh()
    one.body = json.dumps(json.loads(one.body) | {"personal": [{"kind": "casualty", "value": name}]}).encode()
    return one


async def _filed(system: System, units: Units, marker: str) -> tuple[dict[str, Any], list[Any]]:
    """The report is accepted, known again, and in conflict with one that names another person; all three answers."""
    report = units.report(
        category="FOR-FIRE",
        places=[{"kind": "area", "code": "07246", "valid_on": "2026-11-01"}],
        personal=[
            {"kind": "contact", "value": f"Bà {marker} 0905 123 456"},
            {"kind": "casualty", "value": f"{marker}, 54 tuổi"},
        ],
    )
    first, again = [await put_report(system.url("intake"), UNIT, report) for _ in range(2)]
    other = report | {"personal": [{"kind": "contact", "value": f"ông {marker}"}]}
    conflict = await put_report(system.url("intake"), UNIT, other)
    assert [answer.status for answer in (first, again, conflict)] == [201, 200, 409]
    return report, [first.json, again.json, conflict.json]


async def _refused(units: Units, marker: str) -> None:
    """Refused reports leave nothing either: a wrong field, broken JSON, an unknown member, a CAP contact, poison."""
    person = [{"kind": "casualty", "value": marker}]
    bodies = [
        json.dumps(units.report(category="NO-SUCH", personal=person)).encode(),
        json.dumps(units.report(personal=[{"kind": "casualty", marker: "x", "value": marker}])).encode(),
        json.dumps(units.report(personal=[{"kind": marker, "value": "x"}])).encode(),
        json.dumps(units.report(personal=person)).encode()[:-1],
        f"<alert><info><contact>{marker}</contact></info>".encode(),
    ]
    for body in bodies:
        one = units.fresh()
        one.body, one.kind, one.report = body, "bad", None
        await units.send(one)
        assert [each["outcome"] for each in one.told] == ["rejected"], one.told
    js = units.client.jetstream()
    await js.publish("inbox.report.Not-A-Token.x", json.dumps(units.report(personal=person)).encode())
    await settled(units.client)
    parked = await js.get_msg("PARKED", 1)
    assert marker not in f"{parked.headers} {parked.data!r}"


async def _the_evidence_proves_both_ways(system: System, incident: str, marker: str | None) -> None:
    """A copy without the values proves inclusion, and so does one with those that can still be shown."""
    folder = system.home.parent / uuid.uuid4().hex
    await _ledger(system, "export", "--incident", incident, "--to", str(folder))
    assert (await _judged(folder))[0] == 0
    assert _holding(folder, marker or "0905 123 456") == []
    await _ledger(system, "personal", "show", "--incident", incident, *KEEPER, "--to", str(folder))
    judged, said = await _judged(folder)
    documents = list(folder.glob("documents/*.txt"))
    assert (judged, len(documents)) == (0, 3 if marker else 0), said
    if documents:
        documents[0].write_bytes(documents[0].read_bytes().replace(b"0905", b"0906") + b" ")
        assert (await _judged(folder))[0] == 1


async def _judged(folder: Path) -> tuple[int | None, str]:
    return await _run([sys.executable, "-I", "-S", "verify.py", "--trust-enclosed-policy"], folder, {})


async def _ledger(system: System, *arguments: str) -> dict[str, Any]:
    told = os.environ | {"PHOIHOP_HOME": str(system.home), "PHOIHOP_POSTGRES_DSN": system.state.postgres_dsn}
    told["PHOIHOP_NATS_URL"] = system.state.nats_url
    command = (sys.executable, "-m", "services.cli", "ledger", *arguments, "--json")
    code, output = await _run(command, Path.cwd(), told)
    assert code == 0, output
    document: dict[str, Any] = json.loads(output)
    return document


async def _run(command: Sequence[str], folder: Path, told: Mapping[str, str]) -> tuple[int | None, str]:
    """Beside the event loop: a client that does not answer pings for long is cut off by the server."""
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=folder, env=told)
    output, _ = await process.communicate()
    return process.returncode, output.decode()


def _holding(folder: Path, marker: str) -> list[str]:
    """The files that hold the marker, in clear or as the base64 that an original would stand in."""
    wanted = [form for text in (marker, json.dumps(marker).strip('"')) for form in _forms(text.encode())]
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if any(form in path.read_bytes() for form in wanted)]


def _forms(text: bytes) -> Iterable[bytes]:
    """As it is, and in base64 at each of the three alignments, without the edges that neighbours change."""
    yield text
    for shift in range(3):
        yield base64.b64encode(b"x" * shift + text)[4:-4]


async def _vault_empty(client: Client) -> None:
    for _ in range(600):
        if not (await client.jetstream().stream_info("SEALED")).state.messages:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the vault does not take what was sealed")


async def _kill_both(system: System) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.3, 1.0))
        await asyncio.gather(system.kill("intake"), system.kill("audit"))


async def _change_keys(system: System) -> None:
    """Each change is followed by a kill, before or after intake and audit have seen it."""
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.1, 0.6))
        await _ledger(system, "personal", "rotate-vault-key")
        await asyncio.sleep(random.uniform(0.0, 0.4))
        await asyncio.gather(system.kill("intake"), system.kill("audit"))


async def _opened(system: System, accepted: Iterable[Fact]) -> list[str]:
    """The casualty that each fact commits to, decrypted here, with none of the audit's code."""
    connection = await asyncpg.connect(system.state.postgres_dsn)
    try:
        rows = await connection.fetch("SELECT commitment, locked FROM audit.personal_value")
    finally:
        await connection.close()
    locked = {row["commitment"].hex(): row["locked"] for row in rows}
    return [_casualty(system.home / "keys" / "personal", fact, locked) for fact in accepted]


def _casualty(keys: Path, fact: Fact, locked: Mapping[str, bytes]) -> str:
    (commitment,) = (one["commitment"] for one in fact.data["personal"] if one["kind"] == "casualty")
    event, sealed = uuid.UUID(fact.id), locked[commitment]
    key = (keys / event.hex[:2] / f"{event}.key").read_bytes()
    text = ChaCha20Poly1305(key).decrypt(sealed[:12], sealed[12:], event.bytes + bytes.fromhex(commitment))
    assert hashlib.sha256(text).hexdigest() == commitment
    return str(json.loads(text.split(b"\n")[2])["value"])


def _told(sent: Iterable[Sent]) -> list[dict[str, Any]]:
    return [told for one in sent for told in one.told]
