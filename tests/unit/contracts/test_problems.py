"""Every reason for a refusal is published with its meaning and its fix in Vietnamese and English."""

import re
import unicodedata

import pytest

from contracts.problems import WORDINGS, Problem, ProblemCode

VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)


def test_the_list_is_closed_and_complete() -> None:
    assert set(WORDINGS) == set(ProblemCode)


@pytest.mark.parametrize("code", ProblemCode)
def test_a_code_says_what_is_wrong_and_how_to_put_it_right_in_both_languages(code: ProblemCode) -> None:
    wording = Problem(code=code, field="").wording

    assert all(text.strip() == text and text.endswith(".") for text in wording)
    assert VIETNAMESE.search(wording.vi)
    assert VIETNAMESE.search(wording.fix_vi)
    assert not VIETNAMESE.search(wording.en.replace("Phối hợp", ""))
    assert not VIETNAMESE.search(wording.fix_en.replace("Phối hợp", ""))
    assert len({*wording}) == 4
    assert all(unicodedata.is_normalized("NFC", text) for text in wording)


@pytest.mark.parametrize("code", ProblemCode)
def test_a_code_is_two_words_that_a_program_can_compare(code: ProblemCode) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", code.value)
    assert code.name == code.value.upper().replace(".", "_")


def test_the_number_of_categories_in_the_text_is_the_real_one() -> None:
    wording = WORDINGS[ProblemCode.CATEGORY_UNKNOWN]

    assert "45" in wording.fix_vi
    assert "45" in wording.fix_en


def test_no_text_repeats_what_the_sender_wrote() -> None:
    """Wordings are fixed texts: a refusal of classified content must not carry that content on."""
    assert not [text for wording in WORDINGS.values() for text in wording if "{" in text or "%s" in text]
