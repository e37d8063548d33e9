"""Headers are read as the client library reads them, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from services.runtime.message_headers import parsed

USUAL = (
    b"Content-Type: application/cloudevents+json; charset=utf-8\r\nPhoihop-Type: phoihop.DispatchIssued.v1\r\n"
    b"Nats-Expected-Last-Subject-Sequence: 123\r\n\r\n"
)
LINES = st.lists(
    st.builds(
        lambda name, colon, value: name + colon + value,
        st.one_of(
            st.sampled_from([b"A", b"Nats-Sequence", b" A", b"A ", b"a b", b"", "Ắ".encode(), b"x_y"]), st.binary()
        ),
        st.sampled_from([b": ", b":", b":\t", b" : ", b"", b"::"]),
        st.one_of(
            st.sampled_from([b"1", b" 1 ", b"a: b", "Lũ quét".encode(), b"\xff", b"", b"a\nb", "\xa0x\x1c".encode()]),
            st.binary(),
        ),
    ),
    max_size=5,
)


@given(LINES)
def test_headers_are_read_as_the_library_reads_them(lines: list[bytes]) -> None:
    """A header that is read otherwise might turn a stale commit into another answer, or a parked reason into none."""
    raw = b"\r\n".join(lines) + b"\r\n\r\n"
    assert parsed(raw) == Client._parse_header_lines(raw)


@pytest.mark.parametrize("raw", [USUAL, b"", b"\r\n"])
def test_usual_headers_need_no_library(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Client._parse_header_lines(raw)
    monkeypatch.setattr(Client, "_parse_header_lines", None)
    assert parsed(raw) == expected
