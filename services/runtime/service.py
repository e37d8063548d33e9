"""One service as a process: connect, check the server, load, consume, answer health, drain on SIGTERM."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.asgi.types import ASGIApp, Receive, Scope, Send
from prometheus_client import make_asgi_app
from starlette.responses import PlainTextResponse

from contracts.streams import STREAMS
from services.runtime import topology
from services.runtime.alone import Alone
from services.runtime.broker import Bus, Consumes, describe_publisher, durables, subscribe
from services.runtime.encryption import https
from services.runtime.liveness import beat, show_stacks_when_ended
from services.runtime.logs import configure, logger
from services.runtime.readiness import HUNG_SECONDS, Check, Readiness, first_problem
from services.runtime.retrying import Retrying
from services.runtime.settings import RuntimeSettings, service_manager
from services.runtime.web.patience import LARGEST_HEAD, patient_for

EXIT_CANNOT_START: Final = 69
EXIT_HUNG: Final = 71
LOOK_SECONDS: Final = 1.0

Background = Callable[[Callable[[], bool]], Awaitable[None]]
"""A task that runs beside the consumers for as long as the function it is given says so."""


@dataclass(frozen=True, slots=True)
class Publishes:
    """One kind of message a service publishes, for the published description."""

    subject: str
    payload: Any
    title: str


@dataclass(frozen=True, slots=True)
class Service:
    """The wiring of one service, readable as a table."""

    name: str
    settings: RuntimeSettings
    bus: Bus
    consumes: Sequence[Consumes] = ()
    publishes: Sequence[Publishes] = ()
    listen: Callable[[], Awaitable[None]] | None = None
    """Runs once after the connection, also where another instance works: what the HTTP door needs."""
    alone: Alone | None = None
    """Of its instances one works; None where all of them do."""
    load: Callable[[], Awaitable[None]] | None = None
    """Runs once after the connection and before the first message."""
    close: Callable[[], Awaitable[None]] | None = None
    background: Sequence[Background] = ()
    needs: Sequence[Check] = ()
    """What must be there before the first message: as long as one says what is missing, nothing is consumed."""
    checks: Sequence[Check] = ()
    http: ASGIApp | None = None
    rewind: bool = True
    """Ask for unacknowledged messages at once after a restart instead of waiting for ack_wait."""


class Edge(AsgiFastStream):
    """FastStream's ASGI app with a web application behind the paths it does not know itself."""

    def __init__(self, *brokers: Any, http: ASGIApp, **options: Any) -> None:
        self._http = http
        super().__init__(*brokers, **options)

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Every path without a route of FastStream's goes to the web application."""
        await self._http(scope, receive, send)


def build(service: Service) -> Edge:
    """The ASGI application of a service; nothing connects until it is run."""
    for row in service.consumes:
        subscribe(service.bus, row)
    for published in service.publishes:
        describe_publisher(service.bus, published.subject, published.payload, published.title)
    life = _Life(service)
    service.bus.broker.prepare = life.start
    return Edge(
        service.bus.broker,
        http=service.http or PlainTextResponse("not found", status_code=404),
        asgi_routes=[
            ("/livez", _live),
            ("/readyz", life.ready),
            ("/metrics", make_asgi_app()),
        ],
        logger=None,
        after_startup=[life.started],
        on_shutdown=[life.stop],
        after_shutdown=[life.stopped],
    )


async def run(service: Service) -> None:
    """Runs until SIGTERM or SIGINT, then finishes the work in hand."""
    configure(service.name, service.settings.log_format, service.settings.log_level)
    show_stacks_when_ended()
    await build(service).run(log_level=logging.WARNING, run_extra_options=_served(service.settings))


def _served(settings: RuntimeSettings) -> dict[str, Any]:
    """How the HTTP door is served. FastStream casts some of it from text, as its own command line would give it."""
    options: dict[str, Any] = {
        "host": settings.http_host,
        "port": settings.http_port,
        "access_log": "false",
        "timeout_graceful_shutdown": int(settings.graceful_timeout),
        "http": patient_for(settings.header_timeout),
        "h11_max_incomplete_event_size": LARGEST_HEAD,
        "proxy_headers": False,  # uvicorn would believe any local client's X-Forwarded-For; the guard has a setting
        "server_header": False,
    }
    if settings.http_cert is not None and settings.http_key is not None:
        context = https(settings.http_cert, settings.http_key)
        options["ssl_context_factory"] = lambda _config, _usual: context
    return options


class _Life:
    """Start, readiness and stop of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._tasks: list[asyncio.Task[None]] = []
        self._beat: asyncio.Task[None] | None = None
        self._loaded = False
        self._waits_for: str | None = None
        checks = (*service.needs, *service.checks)
        self._readiness = Readiness(service.bus, checks, service.settings.most_waiting)
        self.ready = get(self._ready)

    async def start(self) -> None:
        """Before the first message: connected, the server is as the contracts say, state is loaded."""
        service = self._service
        if (manager := service_manager()) is not None:
            self._beat = asyncio.create_task(beat(manager))
        try:
            await service.bus.connect()
            streams = [stream.on(service.settings.replicas) for stream in STREAMS]
            await topology.check(service.bus.client, streams, durables(service.consumes))
            if service.listen is not None:
                await service.listen()
            await self._be_alone()
            if service.rewind:
                for row in service.consumes:
                    await topology.rewind(service.bus.client, row.consumer)
            await self._what_it_needs()
            if service.load is not None:
                await service.load()
            await Retrying(service.bus, service.name).listen()
        except Exception as error:  # noqa: BLE001  # whatever it is, a half-started service must not go on
            logger().error("cannot_start", reason=str(error) or repr(error), exc_info=error)
            os._exit(EXIT_CANNOT_START)

    async def started(self) -> None:
        """Consumers run; background tasks join them."""
        self._tasks += [
            asyncio.create_task(self._guard(task(lambda: not self._service.bus.stopping)))
            for task in self._service.background
        ]
        self._tasks.append(asyncio.create_task(self._watch()))
        self._loaded = True
        logger().info("service_started")

    async def stop(self) -> None:
        """SIGTERM: no new work; what is in hand is finished by the broker's graceful stop."""
        self._service.bus.stopping = True
        logger().info("service_stopping")

    async def stopped(self) -> None:
        """Nothing runs any more."""
        for task in (*self._tasks, *((self._beat,) if self._beat else ())):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._service.close is not None:
            await self._service.close()
        logger().info("service_stopped")

    async def _guard(self, work: Awaitable[None]) -> None:
        """A background task that dies takes the process with it: half a service is worse than none."""
        try:
            await work
        except Exception as error:  # noqa: BLE001
            logger().error("background_task_died", exc_info=error)
            os._exit(EXIT_CANNOT_START)

    async def _ready(self, _scope: Scope) -> AsgiResponse:
        """Ready means: loaded, connected, the server answers in time, own consumers are as they should be."""
        alone = self._service.alone
        if alone is not None and (standing_by := alone.stands_by):
            return AsgiResponse(standing_by.encode(), status_code=200)
        problem = await self._readiness.problem() if self._loaded else self._waits_for or "starting"
        return AsgiResponse((problem or "ready").encode(), status_code=503 if problem else 200)

    async def _be_alone(self) -> None:
        """Waits until no other instance works, and says from then on that this one does."""
        if (alone := self._service.alone) is not None and alone.contested:
            await alone.stand_by()
            self._service.bus.broker.finish = alone.give_up
            self._tasks.append(asyncio.create_task(self._guard(alone.keep(lambda: not self._service.bus.stopping))))

    async def _what_it_needs(self) -> None:
        """Waits until everything is there that the first message may need; readiness says what is missing."""
        while problem := await first_problem(self._service.needs):
            if problem != self._waits_for:
                logger().warning("waiting", reason=problem)
            self._waits_for = problem
            await asyncio.sleep(LOOK_SECONDS)
        self._waits_for = None

    async def _watch(self) -> None:
        """A handler that hangs holds its consumer up for ever: the process ends, the next one is given the batch."""
        while not self._service.bus.stopping:
            if hung := self._readiness.hanging(HUNG_SECONDS):
                logger().error("cannot_go_on", reason=hung)
                os._exit(EXIT_HUNG)
            await asyncio.sleep(LOOK_SECONDS)


@get
async def _live(_scope: Scope) -> AsgiResponse:
    """The process runs and its loop turns."""
    return AsgiResponse(b"alive", status_code=200)
