"""Requests too large, without an end, of two lengths or too slow, at real processes' doors."""

import asyncio
import contextlib
import socket
from typing import Final

import pytest

from services.runtime.clock import monotonic
from tests.integration.attacks.front import BODY_SECONDS, HEADER_SECONDS, Front, raw

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTML: Final = {"Accept": "text/html"}


async def test_a_large_body_is_refused_by_its_length_and_by_its_bytes(front: Front) -> None:
    """Breaks when a process reads what it will not use: memory is everybody's."""
    head = "POST /status/sign-in HTTP/1.1\r\nHost: x\r\n"
    by_length = await raw(front.urls["status"], f"{head}Content-Length: 99999999\r\n\r\n".encode())
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    by_bytes = await raw(front.urls["status"], f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 6)

    assert (by_length.split(b" ", 2)[1], by_bytes.split(b" ", 2)[1]) == (b"413", b"413")
    assert await front.counted("status", "too_large") >= 2


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: -5",
        "Content-Length: 0x10",
        "Transfer-Encoding: chunked, identity",
    ],
)
async def test_a_body_whose_length_is_ambiguous_is_refused(front: Front, lines: str) -> None:
    """Where a proxy and we would see two ends of a body, a second request hides."""
    hidden = "GET /status/events HTTP/1.1\r\nHost: x\r\n\r\n"
    asked = f"POST /status/sign-in HTTP/1.1\r\nHost: x\r\n{lines}\r\nConnection: close\r\n\r\n0\r\n\r\n{hidden}"
    told = await raw(front.urls["status"], asked.encode())

    assert told.count(b"HTTP/1.1 ") <= 1
    assert not told.startswith(b"HTTP/1.1 2")


async def test_headers_without_end_are_refused(front: Front) -> None:
    filler = "".join(f"X-{number}: {'a' * 200}\r\n" for number in range(200))
    told = await raw(front.urls["status"], f"GET /status HTTP/1.1\r\nHost: x\r\n{filler}\r\n".encode())

    assert told.startswith(b"HTTP/1.1 4") or told == b""


async def test_a_client_that_never_finishes_its_headers_is_cut(front: Front) -> None:
    """Slow loris: uvicorn alone waits for ever, and a few hundred such clients shut everybody out."""
    before, began = await front.counted("status", "too_slow"), monotonic()
    host, _, port = front.urls["status"].removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    drip = asyncio.create_task(_drip(writer))
    async with front.client("status") as client:
        beside = await client.get("/status/sign-in", headers=HTML)
    with pytest.raises((ConnectionResetError, AssertionError)):
        assert await asyncio.wait_for(reader.read(), 10) != b""
    drip.cancel()
    writer.close()

    assert beside.status_code == 200
    assert monotonic() - began < HEADER_SECONDS + 5
    assert await front.counted("status", "too_slow") == before + 1


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /status HTTP/1.1\r\nHost: x\r\n")
    while not writer.is_closing():
        writer.write(b"X-a: b\r\n")
        await asyncio.sleep(0.2)


async def test_a_client_that_asks_and_does_not_read_is_cut(front: Front) -> None:
    """Its answers would stay in our memory for as long as it likes, and a few hundred such clients are enough."""
    before = await front.counted("status", "too_slow")
    host, _, port = front.urls["status"].removeprefix("http://").partition(":")
    loop, stingy = asyncio.get_running_loop(), socket.socket()
    stingy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stingy.settimeout(0)
    await loop.sock_connect(stingy, (host, int(port)))
    try:
        with contextlib.suppress(ConnectionError):
            for _ in range(10):
                await loop.sock_sendall(stingy, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
        async with asyncio.timeout(60):
            while await front.counted("status", "too_slow") == before:  # noqa: ASYNC110  # another process counts
                await asyncio.sleep(0.2)
        with contextlib.suppress(ConnectionError):  # the end of it, in whichever way
            async with asyncio.timeout(40):
                while await loop.sock_recv(stingy, 1 << 16):
                    pass
    finally:
        stingy.close()
    async with front.client("status") as client:
        assert (await client.get("/status/sign-in", headers=HTML)).status_code == 200


async def test_a_client_that_reads_a_large_answer_slowly_but_steadily_gets_it_whole(front: Front) -> None:
    """Somebody on a bad line is no attacker."""
    host, _, port = front.urls["status"].removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=4096)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20 + b"GET /livez HTTP/1.1\r\nHost: x\r\n")
    writer.write(b"Connection: close\r\n\r\n")
    told = b""
    while part := await reader.read(16384):
        told += part
        await asyncio.sleep(0.1)
    writer.close()
    assert told.count(b"HTTP/1.1 200") == 21


async def test_a_second_request_on_a_connection_gets_no_more_time_than_the_first(front: Front) -> None:
    host, _, port = front.urls["status"].removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readuntil(b"alive")).startswith(b"HTTP/1.1 200")
    began = monotonic()
    writer.write(b"GET /livez HTTP/1.1\r\n")
    with pytest.raises((ConnectionResetError, AssertionError)):
        assert await asyncio.wait_for(reader.read(), 10) != b""
    writer.close()

    assert monotonic() - began < HEADER_SECONDS + 5


async def test_a_body_that_trickles_is_given_up(front: Front) -> None:
    before, began = await front.counted("status", "too_slow"), monotonic()
    told = await raw(
        front.urls["status"], b"POST /status/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\ncode="
    )

    assert told.startswith(b"HTTP/1.1 408")
    assert monotonic() - began < BODY_SECONDS + 6
    assert await front.counted("status", "too_slow") == before + 1
