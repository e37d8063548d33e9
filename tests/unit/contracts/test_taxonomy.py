"""What can be filed is a closed list of events and places; what people think, believe or belong to is not on it."""

import re
import unicodedata
from collections import Counter

import pytest

from contracts.codes import CapCategory
from contracts.taxonomy import CATEGORIES, FAMILIES, Category

NEVER_A_SUBJECT = re.compile(
    r"ý kiến|quan điểm|tư tưởng|tôn giáo|tín ngưỡng|dân tộc|sắc tộc|biểu tình|tụ tập|hội họp|đình công|khiếu kiện|"
    r"chính trị|phản động|công đoàn|báo chí|"
    r"\b(opinion|belief|religio\w*|ethnic\w*|minorit\w*|protest\w*|demonstrat\w*|gathering|assembl\w*|strike|"
    r"petition\w*|politic\w*|dissiden\w*|union|press|journalis\w*|sexual\w*|activis\w*)\b",
    re.IGNORECASE,
)


def test_there_are_45_categories_in_13_families_each_with_both_names() -> None:
    assert len(Category) == len(CATEGORIES) == 45
    assert len(FAMILIES) == 13
    assert {category.family for category in Category} == set(FAMILIES)
    assert all(name.vi and name.en for name in CATEGORIES.values())
    assert all(vi and en for vi, en in FAMILIES.values())


def test_no_two_categories_share_a_name() -> None:
    assert max(Counter(name.vi for name in CATEGORIES.values()).values()) == 1
    assert max(Counter(name.en for name in CATEGORIES.values()).values()) == 1


@pytest.mark.parametrize("category", Category)
def test_a_category_is_spelled_family_hyphen_leaf_and_maps_to_cap(category: Category) -> None:
    cap = CATEGORIES[category].cap

    assert re.fullmatch(r"[A-Z]{3}-[A-Z]{2,5}", category.value)
    assert 1 <= len(cap) <= 2
    assert len(set(cap)) == len(cap)
    assert all(isinstance(one, CapCategory) for one in cap)


def test_names_are_vietnamese_in_nfc() -> None:
    texts = [name.vi for name in CATEGORIES.values()] + [vi for vi, _ in FAMILIES.values()]

    assert [text for text in texts if not unicodedata.is_normalized("NFC", text)] == []


def test_nothing_about_opinions_faith_ethnicity_association_or_lawful_gatherings_can_be_filed() -> None:
    """Breaks when somebody adds a category for what people think, believe, belong to or lawfully do together."""
    named = [f"{name.vi} / {name.en}" for name in CATEGORIES.values()] + [
        " / ".join(pair) for pair in FAMILIES.values()
    ]

    assert [text for text in named if NEVER_A_SUBJECT.search(text)] == []


def test_disorder_needs_violence_damage_or_blocked_emergency_access() -> None:
    """A crowd alone is no incident: the only category of disorder names what must have happened."""
    assert CATEGORIES[Category.PUB_DIS].en == "Disorder with violence, damage or blocked emergency access"
    assert CATEGORIES[Category.PUB_DIS].vi == "Gây rối có bạo lực, hủy hoại tài sản, chặn đường cứu hộ"
