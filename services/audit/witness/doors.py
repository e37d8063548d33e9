"""The doors of a witness: `add-checkpoint` over HTTP as c2sp.org/tlog-witness defines it, and the same over NATS.

Beside it a reading door of our own, since the protocol defines none: the newest checkpoint of a log that was cosigned
here, so that a verifier can ask somebody other than the log. It shows nothing but what the log itself signed.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from nats.aio.client import Client
from nats.aio.msg import Msg
from prometheus_client import make_asgi_app
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from contracts import subjects
from services.audit.notary.asking import STATUS_HEADER
from services.audit.tlog.witnessing import Answer
from services.audit.witness.answering import Witness
from services.audit.witness.states import WitnessStateError
from services.runtime.logs import logger
from services.runtime.publishing import Publisher

MOST_REQUEST: Final = 64 * 1024
_TEXT: Final = "text/plain; charset=utf-8"
_TOO_LARGE: Final = Answer(413, _TEXT, b"too large\n")
_BROKEN: Final = Answer(500, _TEXT, b"the witness cannot use its state\n")
_NOT_SEEN: Final = Answer(404, _TEXT, b"not seen\n")


def http_door(witness: Witness) -> Starlette:
    """The web application; a proxy in front of it terminates TLS."""

    async def add(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_REQUEST:
                return _response(_TOO_LARGE)
        return _response(await _answered(witness, bytes(body)))

    async def newest(request: Request) -> Response:
        return _response(await _newest(witness, request.path_params["key"]))

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("alive")

    return Starlette(
        routes=[
            Route("/add-checkpoint", add, methods=["POST"]),
            Route("/newest/{key}", newest),
            Route("/livez", alive),
            Route("/readyz", alive),
            Mount("/metrics", make_asgi_app()),
        ]
    )


async def nats_door(witness: Witness, client: Client, name: str) -> None:
    """Answer on the subjects of this name from now on; instances of one witness share the requests."""
    publisher = Publisher(client)

    async def add(message: Msg) -> None:
        await _send(publisher, message, await _answered(witness, message.data))

    async def newest(message: Msg) -> None:
        origin = message.data.decode("utf-8", "replace")
        await _send(publisher, message, await _newest(witness, subjects.checkpoint_key(origin)))

    await client.subscribe(subjects.witness(name), queue="witness", cb=add)
    await client.subscribe(subjects.witnessed(name), queue="witness", cb=newest)
    await client.flush()


async def serve_http(witness: Witness, host: str, port: int, ready: Callable[[str], Awaitable[None]]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the URL. Port 0 takes a free one."""
    config = uvicorn.Config(http_door(witness), host=host, port=port, log_config=None, access_log=False)
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - the server sets no event
        await asyncio.sleep(0.01)
    if server.started:
        bound = server.servers[0].sockets[0].getsockname()
        await ready(f"http://{bound[0]}:{bound[1]}")
    await serving


class _Server(uvicorn.Server):
    """Ends at a signal without raising it again afterwards, so that the command can still say what it saw."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ask the server to end; put nothing else in the signals' place when it has."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


async def _answered(witness: Witness, body: bytes) -> Answer:
    try:
        return await asyncio.to_thread(witness.add, body)
    except WitnessStateError as error:
        logger().error("witness_state_unusable", reason=str(error))
        return _BROKEN


async def _newest(witness: Witness, key: str) -> Answer:
    origin = next((one for one in witness.logs if subjects.checkpoint_key(one) == key), None)
    try:
        note = await asyncio.to_thread(witness.newest, origin) if origin else None
    except WitnessStateError as error:
        logger().error("witness_state_unusable", reason=str(error))
        return _BROKEN
    return Answer(200, _TEXT, note.to_bytes()) if note else _NOT_SEEN


async def _send(publisher: Publisher, message: Msg, answer: Answer) -> None:
    headers = {STATUS_HEADER: str(answer.status), "Content-Type": answer.media_type}
    await publisher.answer(message.reply, answer.body, headers)


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type=None, headers={"Content-Type": answer.media_type})
