"""The unit tests' own guard: without it a test that needs a server could pass on one machine and not on another."""

import asyncio
import socket
import urllib.request

import pytest

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


@pytest.mark.parametrize("family", LOOPBACK)
@pytest.mark.parametrize("method", ["connect", "connect_ex", "bind"])
def test_an_internet_socket_neither_connects_nor_binds(family: socket.AddressFamily, method: str) -> None:
    with socket.socket(family) as opened, pytest.raises(RuntimeError, match="touched the network"):
        getattr(opened, method)((LOOPBACK[family], 0))


def test_a_datagram_is_not_sent() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as opened, pytest.raises(RuntimeError, match="touched the network"):
        opened.sendto(b"x", ("127.0.0.1", 9))


async def test_asyncio_opens_no_connection_and_no_server() -> None:
    with pytest.raises(RuntimeError, match="touched the network"):
        await asyncio.open_connection("127.0.0.1", 9)
    with pytest.raises(RuntimeError, match="touched the network"):
        await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)


def test_no_name_is_looked_up() -> None:
    with pytest.raises(RuntimeError, match="touched the network"):
        urllib.request.urlopen("http://example.invalid/")


async def test_the_event_loop_still_runs() -> None:
    assert await asyncio.to_thread(lambda: 1) == 1
