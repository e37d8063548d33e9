"""The texts that decide are on record before the first decision by them, once, whoever starts and however often."""

import asyncio
from pathlib import Path

import pytest
from nats.aio.client import Client

from contracts.activation import RegulationActivated, RegulationActivationRefused, TextKind
from contracts.canonical import sha256_hex
from contracts.identifiers import derived_id
from services.routing.in_force.active import NothingDecidesError
from services.routing.in_force.recorded import Record
from services.routing.in_force.reference import load_reference
from services.routing.regulations.rules.texts import Text, TextKey, joined, register_in, set_in, text_of_set
from services.runtime import clock
from services.runtime.publishing import Publisher
from tests.integration.http.hub import REFERENCE, Hub
from tests.integration.routing.drafts import REGISTER_VERSION, SHORTER, VERSION, draft
from tests.integration.routing.instances import instance
from tests.integration.routing.records import accept, decided, on, texts, told


async def start(hub: Hub, reference: Path = REFERENCE) -> None:
    async with instance(hub, reference):
        pass


async def test_two_instances_that_start_at_once_record_the_texts_once_and_a_restart_adds_nothing(hub: Hub) -> None:
    """Two texts of one version would leave an auditor to guess which one decided."""
    await asyncio.gather(*(start(hub) for _ in range(3)))
    first = await told(hub)
    await start(hub)

    assert await told(hub) == first
    reference = load_reference(REFERENCE)
    parts = await texts(hub)
    recorded = {kind: joined([part for part in parts if part.kind is kind]) for kind in TextKind}
    assert set_in(recorded[TextKind.REGULATIONS]) == reference.regulations.regulation_set
    assert register_in(recorded[TextKind.REGISTER]) == reference.register.register
    assert [data.basis for _, data in first if isinstance(data, RegulationActivated)] == ["reference"]


async def test_a_decision_names_texts_that_were_on_record_before_it(hub: Hub) -> None:
    await accept(hub)
    async with instance(hub) as routing:
        await routing.decide()

    (one,) = await decided(hub, 1)

    assert max(sequence for sequence, _ in await told(hub)) < one.sequence
    names = {(part.kind, part.version) for part in await texts(hub)}
    assert (TextKind.REGULATIONS, one.decision.set_version) in names
    assert (TextKind.REGISTER, one.decision.register_version) in names


async def test_a_reference_folder_changed_under_its_version_decides_nothing(hub: Hub, tmp_path: Path) -> None:
    """After a restart the record decides: an edit without a new version would change law that nobody can look up."""
    await start(hub)
    before = await told(hub)
    draft(tmp_path, VERSION, SHORTER)
    for name in ("register.yaml", "admin-units.tsv"):
        (tmp_path / name).symlink_to(REFERENCE / name)

    async with instance(hub, tmp_path) as routing:
        regulator = routing.regulations.at(clock.now())

    assert await told(hub) == before
    assert regulator.rules.regulation_set == load_reference(REFERENCE).regulations.regulation_set


async def test_without_a_usable_reference_folder_the_record_decides_and_without_both_nothing_starts(
    hub: Hub, tmp_path: Path
) -> None:
    """A broken folder must not stop a hub whose record holds a good set."""
    with pytest.raises(NothingDecidesError):
        await start(hub, tmp_path)
    await start(hub)

    async with instance(hub, tmp_path) as routing:
        assert routing.regulations.at(clock.now()).rules.regulation_set.version == VERSION


async def test_an_activated_text_that_cannot_be_used_never_replaces_the_one_that_decides(hub: Hub) -> None:
    """Whatever reaches the stream, reports go on being decided by the last good set, and the failure is on record."""
    body = b'{"not":"a set"}'
    good = text_of_set(load_reference(REFERENCE).regulations.regulation_set)
    bad = Text(TextKey(TextKind.REGULATIONS, good.key.code, "reference-2027-1"), sha256_hex(body), body)

    async def forge(client: Client) -> None:
        record = Record()
        await record.catch_up(client)
        activated = RegulationActivated(
            proposal=derived_id("bad"),
            set=bad.key.code,
            version=bad.key.version,
            sha256=bad.sha256,
            effective=clock.now(),
            basis="reference",
        )
        await record.add(Publisher(client), [*bad.parts(), activated], clock.now())

    async with instance(hub) as routing, instance(hub) as other:
        await on(hub, forge)
        await accept(hub)
        await routing.decide()
        await other.decide()

    (one,) = await decided(hub, 1)
    assert one.decision.set_version == VERSION
    refused = [data for _, data in await told(hub) if isinstance(data, RegulationActivationRefused)]
    assert [(each.step, each.version) for each in refused] == [("take_effect", "reference-2027-1")]


async def test_a_newer_register_counts_for_what_was_stored_after_it_and_never_before(hub: Hub, tmp_path: Path) -> None:
    """Two times: a report is decided with the register as known when it was stored, however late it is handled."""
    async with instance(hub) as routing:
        await accept(hub)
        await routing.decide()
    for name in ("admin-units.tsv", "regulations"):
        (tmp_path / name).symlink_to(REFERENCE / name)
    text = (REFERENCE / "register.yaml").read_text(encoding="utf-8")
    (tmp_path / "register.yaml").write_text(
        text.replace(f"version: {REGISTER_VERSION}", "version: reference-2026-12", 1)
    )

    await accept(hub)
    async with instance(hub, tmp_path) as routing:
        await accept(hub)
        await routing.decide()

    recorded = await decided(hub, 3)
    assert [one.decision.register_version for one in recorded] == [
        REGISTER_VERSION,
        REGISTER_VERSION,
        "reference-2026-12",
    ]
    async with instance(hub, know=False) as fresh:
        assert await fresh.decide(record=False) == [one.body for one in recorded]
