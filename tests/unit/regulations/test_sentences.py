"""Rules read as one sentence in each language."""

import unicodedata
from datetime import timedelta

import pytest

from services.routing.in_force.reference import Reference
from services.routing.regulations.rules.model import Rule
from services.routing.regulations.rules.phrases import duration_words, level_words
from services.routing.regulations.rules.sentences import fallback_sentence, sentence
from services.routing.regulations.rules.when import LevelRange


def rule(reference: Reference, code: str) -> Rule:
    return next(rule for rule in reference.regulations.regulation_set.rules if rule.code == code)


def test_the_gate_rule_reads_as_the_law_does(reference: Reference) -> None:
    said = sentence(rule(reference, "b6-secondary-gate"))
    assert said.vi == (
        "Theo luật riêng, khi xảy ra “Hạn chế, tạm dừng hoạt động/qua lại”, tại cửa khẩu phụ, lối mở, "
        "mới kéo dài dưới 6 giờ thì Đồn Biên phòng phụ trách khu vực xảy ra chủ trì và xác nhận trong 5 "
        "phút, im lặng thì chuyển cấp theo hệ thống biên phòng, lệnh có hiệu lực không quá 6 giờ, trước "
        "khi hết hạn 1 giờ thì nhắc Ban Chỉ huy Bộ đội Biên phòng cấp tỉnh của từng tỉnh liên quan; "
        "Hải quan khu vực phụ trách khu vực xảy ra phối hợp; "
        "cấp trên trực tiếp của cơ quan chủ trì (hệ thống biên phòng) được thông báo; "
        "Ủy ban nhân dân cấp xã của từng xã liên quan được thông báo."
    )
    assert said.en == (
        "By special law, in case of “Restriction or suspension at border belt, area or gate”, at a "
        "secondary border gate or open crossing, lasting for less than 6 hours: the border guard station "
        "responsible for the very area leads and acknowledges within 5 minutes, silence escalating in "
        "the border guard tree, by an order that ends after 6 hours, with the provincial border guard "
        "command of each province concerned prompted 1 hour before; "
        "the regional customs responsible for the very area coordinates; "
        "the lead's border guard superior is informed; "
        "the commune People's Committee of each commune concerned is informed."
    )


def test_every_rule_has_its_own_sentence_in_nfc(reference: Reference) -> None:
    """Two rules with one sentence could not be told apart by the officer who reads it."""
    rules = reference.regulations.regulation_set.rules
    for language in zip(*(sentence(rule) for rule in rules), strict=True):
        periods = zip(language, ((rule.valid_from, rule.valid_to) for rule in rules), strict=True)
        assert len(set(periods)) == len(rules)
        assert all(unicodedata.is_normalized("NFC", text) and text.endswith(".") for text in language)


def test_the_fallback_names_its_levels_in_order(reference: Reference) -> None:
    english = fallback_sentence(reference.regulations.regulation_set.fallback).en
    assert english.index("commune") < english.index("provincial") < english.index("ptds-qg")


@pytest.mark.parametrize(
    ("levels", "vi", "en"),
    [
        (LevelRange(min=3), "cấp dự báo cháy rừng từ 3 trở lên", "forest-fire danger level 3 or above"),
        (LevelRange(min=2, max=2), "cấp dự báo cháy rừng 2", "forest-fire danger level 2"),
        (LevelRange(min=2, max=4), "cấp dự báo cháy rừng từ 2 đến 4", "forest-fire danger level 2 to 4"),
        (
            LevelRange(max=2, unstated=True),
            "cấp dự báo cháy rừng từ 2 trở xuống hoặc chưa công bố cấp dự báo cháy rừng",
            "forest-fire danger level 2 or below or forest-fire danger level not stated",
        ),
        (LevelRange(unstated=True), "chưa công bố cấp dự báo cháy rừng", "forest-fire danger level not stated"),
    ],
)
def test_levels_are_said_as_they_are_tested(levels: LevelRange, vi: str, en: str) -> None:
    assert level_words("forest_fire_danger", levels) == (vi, en)


def test_durations_are_said_in_hours_minutes_and_seconds() -> None:
    assert duration_words(timedelta(hours=1, minutes=30)) == ("1 giờ 30 phút", "1 hour 30 minutes")
    assert duration_words(timedelta(seconds=2)) == ("2 giây", "2 seconds")
