"""Canonical bytes are those of RFC 8785, so that anybody can recompute a digest with another program."""

import json
import struct
from random import Random

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import canonical_bytes, content_digest, sha256_hex
from contracts.reports import IncidentReport, SituationReport
from tests.strategies import reports

SECTION_3_2_2 = (
    rb'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
    rb'"string": "\u20ac$\u000F\u000aA'
    rb"'"
    rb'\u0042\u0022\u005c\\\"\/","literals": [null, true, false]}'
)
SECTION_3_2_2_BYTES = (
    b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
    b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
)
SECTION_3_2_3 = (
    rb'{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",'
    rb'"\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}'
)
SECTION_3_2_3_ORDER = [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
]
APPENDIX_B = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


def test_the_example_of_section_3_2_2_comes_out_byte_for_byte() -> None:
    assert canonical_bytes(json.loads(SECTION_3_2_2)) == SECTION_3_2_2_BYTES


def test_keys_are_sorted_by_utf_16_code_units_as_in_section_3_2_3() -> None:
    assert list(json.loads(canonical_bytes(json.loads(SECTION_3_2_3))).values()) == SECTION_3_2_3_ORDER


@pytest.mark.parametrize(("bits", "text"), APPENDIX_B.items())
def test_numbers_are_written_as_in_appendix_b(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical_bytes({"n": number}) == f'{{"n":{text}}}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, -(2**53)])
def test_what_json_cannot_say_exactly_is_refused(value: float) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_bytes({"n": value})


@given(
    st.dictionaries(st.text(max_size=5), st.integers(-1000, 1000) | st.text(max_size=5), max_size=6),
    st.randoms(use_true_random=False),
)
def test_order_and_spacing_do_not_matter(value: dict[str, object], chance: Random) -> None:
    shuffled = list(value.items())
    chance.shuffle(shuffled)

    assert canonical_bytes(json.loads(json.dumps(dict(shuffled), indent=3))) == canonical_bytes(value)


@given(reports())
def test_a_report_read_back_from_its_json_has_the_same_digest(report: IncidentReport | SituationReport) -> None:
    """A sender that sends again after a crash must get `duplicate`, never `conflict`."""
    again = type(report).model_validate_json(report.model_dump_json())

    assert content_digest(again) == content_digest(report)


def test_the_digest_is_sha_256_over_the_canonical_bytes() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert content_digest({"b": 1, "a": "ố"}) == sha256_hex('{"a":"ố","b":1}'.encode())
