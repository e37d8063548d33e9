"""Alertmanager, delivery only: an alert for every report, a webhook for every desk of it. It keeps alerts in memory: no
record, no audit, nothing of it survives a power cut. Run by itself it is the unit that posts and all desks that listen.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from time import monotonic
from typing import Any, Final

import aiohttp
from aiohttp import web

from benchmarks.beside.alerts import alert, desks
from benchmarks.beside.job import Report, job

WARM: Final = 30
_SHARES: Final = (0.5, 0.99, 0.999)


def shares(waits: Sequence[float]) -> list[float]:
    """p50, p99 and p99.9 in milliseconds."""
    ordered = sorted(waits)
    return [round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2) for share in _SHARES]


class Desks:
    """All desks on one port: when each report was first heard of, and which desk heard of it how often."""

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}
        self.got: Counter[tuple[str, str]] = Counter()

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """While this lasts."""
        application = web.Application(client_max_size=2**22)
        application.router.add_post("/{desk:.*}", self._on_webhook)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
        await runner.cleanup()

    async def _on_webhook(self, request: web.Request) -> web.Response:
        at, told = monotonic(), await request.json()
        for one in told["alerts"]:
            report = one["labels"]["report"]
            self.heard.setdefault(report, at)
            self.got[report, request.path[1:]] += 1
        return web.Response()


async def send(url: str, rate: float, sent: Mapping[str, Report], labels: Mapping[str, str]) -> dict[str, float]:
    """Posts each when it is due, however slow the answers; when that was."""
    due: dict[str, float] = {}
    began = monotonic()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:

        async def post(body: list[dict[str, Any]]) -> None:
            async with session.post(f"{url}/api/v2/alerts", json=body) as answer:
                assert answer.ok, await answer.text()

        for number, (name, one) in enumerate(sent.items()):
            due[name] = began + number / rate
            if (wait := due[name] - monotonic()) > 0:
                await asyncio.sleep(wait)
            tasks.create_task(post([alert(name, one, labels)]))
    return due


async def measure(url: str, port: int, rate: int, seconds: float) -> list[float]:
    """The waits from when a report was due until its first desk had it; every desk of every report is awaited."""
    everything = job()
    each = islice(cycle(one for one in everything if any(fact.desk for fact in one.facts)), WARM + int(rate * seconds))
    sent = {f"{one.report}-{number}": one for number, one in enumerate(each)}
    owed = Counter({(name, fact.desk) for name, one in sent.items() for fact in one.facts if fact.desk is not None})
    async with (at := Desks()).listening(port):
        due = await send(url, rate, sent, desks(everything))
        async with asyncio.timeout(30):
            while at.got.total() < owed.total():  # noqa: ASYNC110 - the desks' own count
                await asyncio.sleep(0.05)
    assert at.got == owed, "a desk was told what is not its own, or twice"
    return shares([at.heard[name] - due[name] for name in [*due][WARM:]])


if __name__ == "__main__":
    url, port, rate, seconds, out = sys.argv[1:]
    found = asyncio.run(measure(url, int(port), int(rate), float(seconds)))
    Path(out).write_text(json.dumps(found), encoding="utf-8")
