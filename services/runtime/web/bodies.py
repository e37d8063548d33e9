"""Takes a request's whole body before anybody works on it: what is too large or too slow costs no more than that."""

import asyncio
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.types import Receive

from services.runtime.web.denials import Denial

LARGEST: Final = 64 * 1024


class BodyRefusedError(Exception):
    """The body is too large, too slow, or its sender went away."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.value)
        self.denial = denial


async def whole(receive: Receive, length: str | None, seconds: float, largest: int = LARGEST) -> Receive:
    """What hands the body on in one piece. Raises `BodyRefusedError`."""
    if length is not None and (not length.isascii() or not length.isdigit() or int(length[:19]) > largest):
        raise BodyRefusedError(Denial.TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise BodyRefusedError(Denial.TOO_SLOW)
                body += message.get("body", b"")
                if len(body) > largest:
                    raise BodyRefusedError(Denial.TOO_LARGE)
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        raise BodyRefusedError(Denial.TOO_SLOW) from None
    return _again(bytes(body), receive)


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def once() -> MutableMapping[str, Any]:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once
