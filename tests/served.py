"""Serves an ASGI application on a port of its own, by the same server and protocol that our processes use."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from services.runtime.web.patience import LARGEST_HEAD, patient_for


@asynccontextmanager
async def served(app: ASGIApp, *, header_timeout: float = 10.0, **options: Any) -> AsyncIterator[str]:
    """The URL under which it answers."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_level="error",
        http=patient_for(header_timeout),
        h11_max_incomplete_event_size=LARGEST_HEAD,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        **options,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()
