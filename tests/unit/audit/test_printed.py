"""A checkpoint on paper: one line that comes back as the same note, and a code that shows that line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.notary.anchor_folder import UnusableFileError, handed_in
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import LogSigner, MalformedNoteError, Note, WitnessSigner
from services.audit.tlog.printed import from_line, svg_code, terminal_code, to_line

LOG = LogSigner("phoihop.example/hub", b"l" * 32)
WITNESS = WitnessSigner("da-nang.example", b"w" * 32)


def note(size: int, root: bytes = bytes(32)) -> Note:
    text = Checkpoint(LOG.name, size, root).text
    return Note(text).signed(LOG.sign(text), WITNESS.cosign(text, 1_795_000_000))


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_line_comes_back_as_the_note_it_was(size: int, root: bytes) -> None:
    assert from_line(to_line(note(size, root))) == note(size, root)


def test_a_line_may_be_typed_with_spaces_to_spare() -> None:
    assert from_line("  " + to_line(note(7)).replace(" ", "   ") + " \n") == note(7)


@pytest.mark.parametrize(
    "line", ["", "phoihop.example/hub", "phoihop.example/hub 7 AAAA", "a 7 b c", to_line(note(7)) + " more", "a 07 b"]
)
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(MalformedNoteError):
        from_line(line)


def test_extensions_and_origins_with_spaces_are_not_printed() -> None:
    for checkpoint in (Checkpoint("a b", 1, bytes(32)), Checkpoint("a", 1, bytes(32), ("more",))):
        with pytest.raises(MalformedNoteError):
            to_line(Note(checkpoint.text))


def test_a_line_without_signatures_is_taken_on_the_word_of_whoever_brings_it_and_a_signed_one_is_not() -> None:
    """Breaks if a forged signature passed because the line was typed in."""
    (short,) = handed_in(" ".join(to_line(note(7)).split()[:3]), "paper")
    (whole,) = handed_in(to_line(note(7)), "paper")
    (file,) = handed_in(note(7).to_bytes().decode(), "file")
    assert [one.vouched for one in (short, whole, file)] == [True, False, False]
    assert len(handed_in(f"{to_line(note(7))}\n{to_line(note(8))}\n", "two")) == 2
    for nothing in ("", "\n", "no checkpoint"):
        with pytest.raises(UnusableFileError):
            handed_in(nothing, "nothing")


def test_the_code_is_drawn_for_terminal_and_paper() -> None:
    line = to_line(note(7))
    drawn = terminal_code(line).splitlines()
    assert len({len(row) for row in drawn if row}) == 1
    assert svg_code(line).startswith(b"<?xml")
    assert b"<path" in svg_code(line)
