"""A fact written years ago is read by today's program: golden samples for ever, upcasters from version to version."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts import envelope
from contracts.envelope import CURRENT, UPCASTERS, UnreadableEventError, Upcaster, read
from contracts.events import DispatchDelivered
from contracts.lifecycle import DispatchOpened

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = sorted(GOLDEN.glob("*.json"))


def test_every_version_ever_written_has_a_golden_sample() -> None:
    """Whoever raises a version adds the sample of the new one; nobody ever deletes or edits an old one."""
    versions = {f"{name}.v{number}.json" for name, current in CURRENT.items() for number in range(1, current + 1)}

    assert {sample.name for sample in SAMPLES} == versions


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_golden_sample_is_read_for_ever(sample: Path) -> None:
    """Breaks when a change of a model cannot read what the ledger already holds: raise the version and upcast."""
    event = read(sample.read_bytes())

    assert event.type.startswith(f"phoihop.{sample.stem.partition('.')[0]}.v")
    assert event.type.endswith(f".v{CURRENT[type(event.data).__name__]}")


@pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if sample.stem == f"{sample.stem[:-3]}.v{CURRENT[sample.stem[:-3]]}"],
    ids=lambda sample: sample.stem,
)
def test_nothing_of_a_golden_sample_of_today_is_lost_in_reading(sample: Path) -> None:
    written, held = json.loads(sample.read_bytes()), json.loads(read(sample.read_bytes()).to_bytes())

    assert _missing(written, held) == []


def test_every_step_between_versions_has_its_upcaster() -> None:
    assert set(UPCASTERS) == {(name, number) for name, current in CURRENT.items() for number in range(1, current)}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Mapping[tuple[str, int], Upcaster]:
    """DispatchDelivered as if it were at version 3: v1 said `desk_officer`, v2 `officer_name`, today says `officer`."""
    monkeypatch.setitem(envelope.CURRENT, "DispatchDelivered", 3)
    return {
        ("DispatchDelivered", 1): lambda data: _renamed(data, "desk_officer", "officer_name"),
        ("DispatchDelivered", 2): lambda data: _renamed(data, "officer_name", "officer"),
    }


@pytest.mark.parametrize(("version", "field"), [(1, "desk_officer"), (2, "officer_name"), (3, "officer")])
def test_an_old_version_is_lifted_step_by_step_to_todays(
    made_up: Mapping[tuple[str, int], Upcaster], version: int, field: str
) -> None:
    event = read(_delivered(version, {field: "Trực ban trưởng"}), made_up)

    assert isinstance(event.data, DispatchDelivered)
    assert event.data.officer == "Trực ban trưởng"
    assert (event.type, event.dataschema) == (
        "phoihop.DispatchDelivered.v3",
        "urn:phoihop:schema:DispatchDelivered:3",
    )
    assert read(event.to_bytes(), made_up) == event


def test_identity_and_cause_stay_when_an_event_is_lifted(made_up: Mapping[tuple[str, int], Upcaster]) -> None:
    """The id is the key in the ledger; a lifted event is the same fact."""
    old = json.loads(_delivered(1, {}))

    event = read(_delivered(1, {}), made_up)

    assert (str(event.id), str(event.causationid)) == (old["id"], old["causationid"])


def test_bytes_that_name_two_types_are_read_as_the_last_one() -> None:
    """The type is looked for where we write it; a second one behind it must not be read by the model of the first."""
    written = read((GOLDEN / "DispatchDelivered.v1.json").read_bytes()).to_bytes()
    twice = written.replace(b'"datacontenttype"', b'"type":"phoihop.DispatchOpened.v1","datacontenttype"')

    assert isinstance(read(written).data, DispatchDelivered)
    assert isinstance(read(twice).data, DispatchOpened)


def test_how_the_bytes_are_laid_out_changes_nothing() -> None:
    """What we write is recognised by its first bytes; the same event in any other layout is looked into."""
    for sample in SAMPLES:
        event = read(sample.read_bytes())
        assert read(event.to_bytes()) == event
        assert read(json.dumps(json.loads(event.to_bytes()), sort_keys=True, indent=1).encode()) == event


def test_a_version_after_the_newest_is_refused_clearly(made_up: Mapping[tuple[str, int], Upcaster]) -> None:
    with pytest.raises(UnreadableEventError, match="newest: v3"):
        read(_delivered(4, {}), made_up)


def _delivered(version: int, fields: dict[str, Any]) -> bytes:
    event = json.loads((GOLDEN / "DispatchDelivered.v1.json").read_bytes())
    event["type"] = f"phoihop.DispatchDelivered.v{version}"
    event["dataschema"] = f"urn:phoihop:schema:DispatchDelivered:{version}"
    event["data"].pop("officer")
    event["data"] |= fields
    return json.dumps(event).encode()


def _renamed(data: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if key == old else key: value for key, value in data.items()}


def _missing(written: Any, held: Any, path: str = "") -> list[str]:
    """Paths of values that were written and are not held any more."""
    if isinstance(written, dict) and isinstance(held, dict):
        return [lost for key, value in written.items() for lost in _missing(value, held.get(key), f"{path}/{key}")]
    if isinstance(written, list) and isinstance(held, list) and len(written) == len(held):
        return [
            lost
            for number, (one, other) in enumerate(zip(written, held, strict=True))
            for lost in _missing(one, other, f"{path}/{number}")
        ]
    return [] if written == held else [path]
