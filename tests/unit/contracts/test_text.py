"""Text that could hide or forge something never enters; Vietnamese is one form only."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.text import _FORBIDDEN, Digest, Line, Paragraph, Token, clean, fold

LINE: TypeAdapter[str] = TypeAdapter(Line)
PARAGRAPH: TypeAdapter[str] = TypeAdapter(Paragraph)
TOKEN: TypeAdapter[str] = TypeAdapter(Token)
DIGEST: TypeAdapter[str] = TypeAdapter(Digest)
HIDDEN = [
    *range(0x09),
    *range(0x0B, 0x20),
    *range(0x7F, 0xA0),
    0x00AD,
    0x061C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    0xE0001,
    0xE0041,
    0xE007F,
]


@pytest.mark.parametrize("code", HIDDEN, ids=lambda code: f"U+{code:04X}")
def test_control_bidirectional_and_zero_width_characters_are_refused(code: int) -> None:
    """A right-to-left override or a zero-width space lets a screen show another text than the record holds."""
    with pytest.raises(ValidationError, match=r"text\.forbidden_character|not allowed"):
        PARAGRAPH.validate_python(f"cháy{chr(code)}rừng")


def test_nothing_that_is_refused_counts_as_printable() -> None:
    """A text of printable characters is not searched: a hidden one that Python would print would get in."""
    refused = [chr(code) for code in range(sys.maxunicode + 1) if _FORBIDDEN.match(chr(code))]

    assert {ord(character) for character in refused} >= set(HIDDEN)
    assert not [character for character in (*refused, "\n", "\t", "\r") if character.isprintable()]


@given(st.text(min_size=1, max_size=40))
def test_what_is_clean_stays_as_it_is_when_cleaned_again(text: str) -> None:
    try:
        settled = PARAGRAPH.validate_python(text)
    except ValidationError:
        return
    assert clean(settled) == settled
    assert unicodedata.is_normalized("NFC", settled)
    assert not {ord(character) for character in settled} & set(HIDDEN)


def test_decomposed_vietnamese_becomes_the_composed_form() -> None:
    """The same words must give the same digest whatever keyboard typed them."""
    written = unicodedata.normalize("NFD", "Sạt lở ở Quảng Tân")

    assert written != "Sạt lở ở Quảng Tân"
    assert LINE.validate_python(written) == "Sạt lở ở Quảng Tân"


def test_a_paragraph_keeps_its_lines_in_one_spelling_and_its_tabs() -> None:
    assert PARAGRAPH.validate_python("một\r\nhai\n\tba") == "một\nhai\n\tba"


def test_a_lone_carriage_return_that_overwrites_a_line_is_refused() -> None:
    with pytest.raises(ValidationError):
        PARAGRAPH.validate_python("an toàn\rNGUY HIỂM")


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\r\nb", "", " ", "\u3000", "a" * 201])
def test_a_line_is_one_line_and_says_something(text: str) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(text)


def test_outer_blanks_of_a_line_are_cut() -> None:
    assert LINE.validate_python("  Đập tràn ") == "Đập tràn"


@pytest.mark.parametrize(
    "text", ["", "-a", "A", "a.b", "a*", ">", "a b", "đ", "a_b", "a\n", "a\x00", "a" * 33, "*", "a/b", "$js"]
)
def test_a_token_holds_nothing_that_means_something_in_a_subject(text: str) -> None:
    with pytest.raises(ValidationError):
        TOKEN.validate_python(text)


@pytest.mark.parametrize("text", ["a", "0", "to-phan-ung-1", "a" * 32, "ub-"])
def test_a_token_is_lower_case_letters_digits_and_hyphens(text: str) -> None:
    assert TOKEN.validate_python(text) == text


@pytest.mark.parametrize("text", ["a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n"])
def test_a_digest_is_64_lower_case_hexadecimal_digits(text: str) -> None:
    with pytest.raises(ValidationError):
        DIGEST.validate_python(text)


@pytest.mark.parametrize(
    ("one", "other"), [("Đường Hòa Bình", "duong  hoa binh"), ("SẠT LỞ", "sat lo"), ("Krông ’Nô", "krong 'no")]
)
def test_folding_makes_a_text_findable_without_marks(one: str, other: str) -> None:
    assert fold(one) == fold(other)
