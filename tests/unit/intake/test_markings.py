"""What is a secrecy marking and what is only language."""

import unicodedata
from typing import Literal

import pytest

from contracts.markings import is_marked, is_marked_value
from tests.unit.intake.samples import REPORT_ID, as_json, cap, found, refusal_of, report

MARKED = (
    "Mật",
    "MẬT",
    "Tối mật",
    "TỐI MẬT",
    "Tuyệt mật",
    "TUYỆT MẬT",
    "ĐỘ MẬT: MẬT",
    "Độ mật: Tối mật",
    "Mức độ mật: Mật",
    "Số 12/BC. Độ mật: Mật",
    "(MẬT)",
    "[Tối mật]",
    "Báo cáo (Mật) về biên giới",
    "Kính gửi Ban Chỉ huy\nMẬT\nNội dung",
    "*** M Ậ T ***",
    "- TỐI MẬT -",
    "MẬT - Báo cáo tình hình",
    "TUYỆT MẬT: kế hoạch",
    "Báo cáo tuần — TỐI MẬT",
    "TỐI\u00a0MẬT",
    "M\u200bẬT",
    "Do mat: Toi mat",
    "TUYET MAT",
    "TOP SECRET",
    "Secret",
    "CONFIDENTIAL",
    "TOP SECRET//NOFORN",
    "[SECRET] plan",
    "Classification: SECRET",
)
ORDINARY = (
    "Xe chở mật ong bị lật",
    "(mật ong)",
    "MẬT ONG GIẢ",
    "mật độ dân cư cao",
    "Mật độ: cao",
    "mật khẩu hệ thống bị lộ",
    "quan hệ mật thiết",
    "Bí mật",
    "BÍ MẬT",
    "Bảo mật thông tin",
    "Độ mật: không",
    "Độ mật: Không mật",
    "ghi rõ độ mật của văn bản",
    "phát hiện 3 tổ ong lấy mật",
    "gom hàng: gạo, mật, muối",
    "đã gửi qua kênh mật, số 12 ngày 3/4",
    "mã hóa bằng mật mã",
    "tôi mất ví",
    "toi mat vi",
    "toi mat",
    "mat",
    "Mất liên lạc",
    "Mặt đường nứt",
    "It was a secret compartment",
    "UNCLASSIFIED AND NOT SENSITIVE",
)
MARKED_VALUES = (
    ("handling", "mat"),
    ("handling", "toi_mat"),
    ("handling", "tuyet_mat"),
    ("độ mật", "Mật"),
    ("Độ mật", "tối mật"),
    ("do_mat", "mat"),
    ("restriction", "Tài liệu mật, chỉ cán bộ"),
    ("restriction", "không phổ biến, tối mật"),
    ("combinedConfidentiality", "Top Secret"),
)
ORDINARY_VALUES = (
    ("handling", "khong_mat"),
    ("handling", "noi_bo"),
    ("handling", "han_che"),
    ("restriction", "Bảo mật nội bộ"),
    ("restriction", "Chỉ dùng nội bộ, không mật"),
    ("restriction", "không phải tài liệu mật"),
    ("combinedConfidentiality", "UNCLASSIFIED"),
    ("event", "mat"),
    ("headline", "Mật ong"),
)
Form = Literal["NFC", "NFD"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", MARKED)
def test_a_marking_is_found_composed_or_decomposed(text: str, form: Form) -> None:
    """Breaks if a phone that types decomposed Vietnamese, or a stamp's lettering, carried a secret past the door."""
    assert is_marked(unicodedata.normalize(form, text))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_language_is_no_marking(text: str, form: Form) -> None:
    assert not is_marked(unicodedata.normalize(form, text))


@pytest.mark.parametrize(("name", "value"), MARKED_VALUES)
def test_a_marking_behind_a_field_name_is_found(name: str, value: str) -> None:
    assert is_marked_value(name, value)


@pytest.mark.parametrize(("name", "value"), ORDINARY_VALUES)
def test_ordinary_values_behind_a_field_name_pass(name: str, value: str) -> None:
    assert not is_marked_value(name, value)


@pytest.mark.parametrize("text", ["(" * 64_000, "độ mật: " * 8000, " -" * 32_000, " " * 64_000, "MẬT " * 16_000])
def test_no_text_makes_the_search_slow(text: str) -> None:
    """Ends by pytest's time limit if a pattern ran in more than linear time over a full message."""
    assert isinstance(is_marked(text), bool)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"headline": "Tối mật"}, "headline"),
        ({"handling": "tuyet_mat"}, "handling"),
        ({"handling": "mat"}, "handling"),
        ({"description": "Kính gửi\nĐộ mật: Mật\nđiểm chốt 9"}, "description"),
        ({"methane": {"hazards": "[MẬT] kho"}}, "methane.hazards"),
        ({"requests": ["2 xuồng", "(MẬT)"]}, "requests.1"),
        ({"ghi chú": "MẬT"}, "ghi chú"),
        ({"category": "NO-SUCH", "headline": "MẬT - điểm chốt 9"}, "headline"),
    ],
)
def test_classified_json_is_refused_with_one_silent_problem(changes: dict[str, object], field: str) -> None:
    """Breaks if classified words came back to the sender, into EVENTS or into a log through a problem's texts."""
    part = refusal_of(as_json(report(**changes)))
    assert [(problem.code.value, problem.field) for problem in part.problems] == [("secrecy.refused", field)]
    assert part.problems[0].detail == "a secrecy marking stands here"
    assert str(part.claimed_report) == REPORT_ID
    assert "điểm chốt" not in repr(part)
    assert "kênh mật" in part.problems[0].wording.fix_vi


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("Lũ quét tại A Lưới", "MẬT - Lũ quét", "alert/info/headline"),
        ("Nước lên nhanh.", "Dòng 1\nTối mật\nDòng 3", "alert/info/description"),
        ("<scope>Public</scope>", "<scope>Restricted</scope><restriction>Mật</restriction>", "alert/restriction"),
        (
            "<area>",
            "<parameter><valueName>Độ mật</valueName><value>Mật</value></parameter><area>",
            "alert/info/parameter/value",
        ),
        ("<info>", "<!-- MẬT --><info>", "alert"),
        ("<info>", "<?stamp MẬT?><info>", "alert"),
        ("<info>", '<info note="MẬT">', "alert"),
    ],
)
def test_classified_cap_is_refused_wherever_the_marking_stands(old: str, new: str, field: str) -> None:
    """Breaks if a marking in a part that we do not map, even a comment, were kept with the original bytes."""
    assert found(cap((old, new))) == [("secrecy.refused", field)]
