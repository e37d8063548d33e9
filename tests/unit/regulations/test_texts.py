"""The text that stands for a set or register: canonical, whole, the same for ever, and read back as what it was."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import rfc8785

from contracts.activation import MOST_PART_BYTES, PART_BYTES, Approver, TextKind
from contracts.canonical import sha256_hex
from services.audit.entries import Received, leaf_input
from services.audit.tlog.tiles import LARGEST_ENTRY
from services.routing.in_force.reference import Reference
from services.routing.regulations.record.steps import event_of
from services.routing.regulations.rules.texts import (
    BrokenTextError,
    Text,
    TextKey,
    joined,
    newer,
    register_in,
    set_in,
    text_of_register,
    text_of_set,
)


def test_the_text_is_rfc_8785_though_it_is_made_faster(reference: Reference) -> None:
    """Breaks when a float or a name outside ASCII enters a set or register: the digest would be ours alone."""
    for value, text in (
        (reference.regulations.regulation_set, text_of_set(reference.regulations.regulation_set)),
        (reference.register.register, text_of_register(reference.register.register)),
    ):
        assert text.content == rfc8785.dumps(value.model_dump(mode="json", exclude_defaults=True))
        assert text.sha256 == sha256_hex(text.content)


def test_what_is_recorded_is_read_back_as_what_decided(reference: Reference) -> None:
    regulations = text_of_set(reference.regulations.regulation_set)
    register = text_of_register(reference.register.register)

    assert set_in(joined(regulations.parts())) == reference.regulations.regulation_set
    assert register_in(joined(register.parts())) == reference.register.register


def test_the_parts_are_numbered_small_enough_for_a_message_and_give_the_whole_text(reference: Reference) -> None:
    text = text_of_register(reference.register.register)
    parts = text.parts()

    assert len(parts) > 1
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))
    assert {part.parts for part in parts} == {len(parts)}
    assert all(len(part.content) <= PART_BYTES <= MOST_PART_BYTES for part in parts)
    assert {(part.sha256, part.size, part.kind) for part in parts} == {
        (text.sha256, len(text.content), TextKind.REGISTER)
    }
    assert b"".join(part.content for part in parts) == text.content


def test_every_part_is_an_entry_that_readers_of_tile_logs_can_read(reference: Reference) -> None:
    """Breaks when parts grow: a bundle gives an entry's length two bytes, and its 255 neighbours are lost with it."""
    longest = "x" * 32
    text = text_of_register(reference.register.register)
    named = replace(text, key=TextKey(TextKind.REGULATIONS, longest, longest))
    approver = Approver(role=longest, agency=longest)
    for part in (text.parts()[0], named.parts()[0]):
        event = event_of(part, datetime.max.replace(tzinfo=UTC), approver)
        received = Received(1 << 62, event.subject, event.to_bytes(), datetime.max.replace(tzinfo=UTC))
        assert 0.9 * LARGEST_ENTRY < len(leaf_input(received, received.stored_at)) <= LARGEST_ENTRY


def test_texts_recorded_in_the_larger_parts_of_former_times_are_still_read(reference: Reference) -> None:
    text = text_of_register(reference.register.register)
    size = 128 * 1024
    cuts = [text.content[at : at + size] for at in range(0, len(text.content), size)]
    parts = [
        text.parts()[0].model_validate(
            text.parts()[0].model_dump() | {"part": number, "parts": len(cuts), "content": cut}
        )
        for number, cut in enumerate(cuts, start=1)
    ]
    assert register_in(joined(parts)) == reference.register.register


@pytest.mark.parametrize("lost", [0, -1])
def test_a_text_with_a_part_missing_is_no_text(reference: Reference, lost: int) -> None:
    parts = list(text_of_register(reference.register.register).parts())
    del parts[lost]

    with pytest.raises(BrokenTextError):
        joined(parts)


def test_a_text_changed_on_its_way_is_no_text(reference: Reference) -> None:
    """A set altered between proposal and activation must never decide."""
    part = text_of_set(reference.regulations.regulation_set).parts()[0]
    forged = part.model_copy(update={"content": part.content.replace(b"PT5M", b"PT9M")})

    with pytest.raises(BrokenTextError):
        joined([forged])


def test_a_text_that_is_no_set_is_refused_with_the_place(reference: Reference) -> None:
    text = text_of_set(reference.regulations.regulation_set)

    with pytest.raises(BrokenTextError, match="surprise"):
        set_in(Text(text.key, text.sha256, b'{"surprise":1,' + text.content[1:]))


@pytest.mark.parametrize(
    ("version", "than", "expected"),
    [
        ("reference-2026-12", ["reference-2026-11"], True),
        ("reference-2026-2", ["reference-2026-10"], False),
        ("reference-2027-1", ["reference-2026-10", "reference-2026-2"], True),
        ("reference-2026-11", ["reference-2026-11"], False),
        ("reference-2026-11-1", ["reference-2026-11"], True),
        ("v10", ["v9"], True),
        ("a", [], True),
    ],
)
def test_versions_are_ordered_with_numbers_as_numbers(version: str, than: list[str], *, expected: bool) -> None:
    assert newer(version, than) is expected
