"""What the HTTP door does with bodies that are no report: too large, too slow, cut off, another format, garbage."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from contracts.identifiers import new_id
from contracts.streams import MAX_BODY
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import UNIT, put, refused, report


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"a":1}{', b"\xff\xfe", b'{"report": "\xff"}', b"{" * 5000])
def test_bytes_that_are_no_json_object_are_refused_under_the_id_in_the_path(door: str, body: bytes) -> None:
    identifier = new_id()

    answer = put(door, body, path_id=identifier)

    assert answer.status == 422
    assert answer.body["report"] == str(identifier)
    assert answer.codes[0].split(".")[0] in {"payload", "json", "format", "encoding", "field"}


def test_a_body_over_the_limit_is_refused_by_its_size(door: str) -> None:
    refused(put(door, report(description="x" * MAX_BODY)), 413, "payload.too_large")


def test_a_body_just_under_the_limit_reaches_intake(door: str) -> None:
    """What the door lets through must also fit the stream with its headers, or the sender would never hear."""
    body = json.dumps(report()).encode()
    padded = body[:-1] + b" " * (MAX_BODY - len(body)) + b"}"

    answer = put(door, padded, path_id=json.loads(body)["report"])

    assert (len(padded), answer.status) == (MAX_BODY, 201)


def test_a_body_without_a_length_is_cut_off_at_the_limit(door: str) -> None:
    with _connected(door) as client:
        client.sendall(_head("Transfer-Encoding: chunked"))
        chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
        client.sendall(chunk * 5)
        assert b" 413 " in client.recv(4096).split(b"\r\n")[0]


def test_a_body_that_comes_too_slowly_is_given_up(door: str) -> None:
    """Otherwise a few clients that never finish could hold every connection."""
    with _connected(door) as client:
        client.sendall(_head("Content-Length: 1000") + b"{")
        answer = client.recv(4096)
        assert b" 408 " in answer.split(b"\r\n")[0]
        assert b"connection: close" in answer.lower()


def test_a_client_that_hangs_up_in_the_middle_disturbs_nobody(hub: Hub, door: str) -> None:
    for _ in range(20):
        with _connected(door) as client:
            client.sendall(_head("Content-Length: 1000") + b"{")

    assert put(door, report()).status == 201
    assert "Traceback" not in "".join(child.output() for child in hub.children)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/cap+xml", b"<alert/>"),
        ("application/json", b"<alert/>"),
        ("application/json", b"\xef\xbb\xbf <alert/>"),
        ("text/plain", b"{}"),
        ("application/x-www-form-urlencoded", b"a=b"),
    ],
)
def test_only_json_is_taken_here_since_an_envelope_carries_no_id_of_the_path(
    door: str, media_type: str, body: bytes
) -> None:
    refused(put(door, body, headers={"Content-Type": media_type}), 415, "format.unknown")


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_known_however_it_is_spelled(door: str, media_type: str) -> None:
    assert put(door, report(), headers={"Content-Type": media_type}).status == 201


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=10)


def _head(length: str) -> bytes:
    lines = [f"PUT /v1/reports/{new_id()} HTTP/1.1", "Host: door", f"X-Phoihop-Unit: {UNIT}", length]
    return ("\r\n".join([*lines, "Content-Type: application/json"]) + "\r\n\r\n").encode()
