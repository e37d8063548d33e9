"""How long a dispatch takes from being put on record to its row in a browser, at so many a second.

A real server, routing and the desk service as processes, a real chromium: what is measured ends with the frame in which
the row is there. Both ends read this machine's one clock.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, time
from typing import Final

import nkeys
from playwright.async_api import Page, async_playwright

from benchmarks.deadlines import REFERENCE, Hub, hub
from benchmarks.deadlines_facts import Silence, record
from benchmarks.measuring import machine, table, write
from contracts.decisions import Addressee
from contracts.events import DispatchIssued
from services.routing.incident.recording import IncidentEvent
from services.routing.store import Incidents
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import spawn
from services.stack.parts import is_ready

HEADER: Final = "X-Visitor"
A_SECOND: Final = 50
SECONDS: Final = 6
WARM: Final = 25
"""Dispatches before the clock counts: templates, scripts and connections are made once."""
LONG: Final = timedelta(hours=20)
GIVE_UP: Final = 60.0
_WATCH: Final = """() => {
  window.seen = {};
  new MutationObserver(changes => requestAnimationFrame(() => {
    const at = performance.timeOrigin + performance.now();
    for (const row of document.querySelectorAll("#queue > li")) window.seen[row.dataset.dispatch] ??= at;
  })).observe(document.getElementById("queue"), { childList: true });
}"""


def run(json: Path, rounds: int, _offline: bool) -> None:  # noqa: FBT001
    """So many rounds, each on a server of its own."""
    found = [asyncio.run(_round()) for _ in range(rounds)]
    shown = ("p50", "p99", "most")
    rows = [(str(number), *(f"{one[name]:,.0f}" for name in shown)) for number, one in enumerate(found, 1)]
    title = f"milliseconds from publish to visible row, {A_SECOND} a second for {SECONDS} s"
    table(title, ("round", *shown), rows)
    told = {"unit": "milliseconds from the start of the publish to the frame that shows the row"}
    write(json, {"machine": machine(("sse-starlette", "playwright")) | told, "rate": A_SECOND, "rounds": found})


async def _round() -> dict[str, float]:
    async with hub() as at:
        await at.start_routing()
        made = list(Silence(REFERENCE).spread(datetime.now(UTC) + LONG for _ in range(WARM + A_SECOND * SECONDS)))
        desk = _issued(made[0]).addressee
        async with _desk_service(at, desk) as url, _page(url, desk) as page:
            incidents = Incidents(at.bus)
            await _published(incidents, made[:WARM], desk)
            sent = await _published(incidents, made[WARM:], desk)
            return _figures(sent, await _seen(page, set(sent)))


async def _published(incidents: Incidents, made: list[tuple[IncidentEvent, ...]], desk: Addressee) -> dict[str, float]:
    """Dispatch -> when its publish began, on the wall clock."""
    sent, start = {}, perf_counter()
    for number, events in enumerate(made):
        await asyncio.sleep(max(0.0, start + number / A_SECOND - perf_counter()))
        mine = next(e.data for e in events if isinstance(e.data, DispatchIssued) and e.data.addressee == desk)
        sent[str(mine.dispatch)] = time()
        await record(incidents, [events])
    return sent


async def _seen(page: Page, wanted: set[str]) -> dict[str, float]:
    """Dispatch -> when its row was there, in milliseconds on the wall clock."""
    async with asyncio.timeout(GIVE_UP):
        while True:
            seen: dict[str, float] = await page.evaluate("window.seen")
            if wanted <= seen.keys():
                return seen
            await asyncio.sleep(0.2)


def _figures(sent: dict[str, float], seen: dict[str, float]) -> dict[str, float]:
    took = sorted(seen[one] - 1000 * at for one, at in sent.items())
    return {"p50": took[len(took) // 2], "p99": took[int(len(took) * 0.99)], "most": took[-1], "count": len(took)}


def _issued(events: tuple[IncidentEvent, ...]) -> DispatchIssued:
    return next(event.data for event in events if isinstance(event.data, DispatchIssued))


@asynccontextmanager
async def _desk_service(at: Hub, desk: Addressee) -> AsyncIterator[str]:
    """The desk service as a process that holds this desk's key and believes a header."""
    key = at.folder / "keys" / f"desk.{desk.agency}.{desk.desk}.nk"
    key.parent.mkdir()
    key.write_bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    key.chmod(0o600)
    url = f"http://127.0.0.1:{(port := free_port())}"
    told = {"PHOIHOP_NATS_URL": at.url, "PHOIHOP_HTTP_PORT": str(port), "PHOIHOP_VISITOR_HEADER": HEADER}
    told |= {"PHOIHOP_DESK_KEYS": str(key.parent), "PHOIHOP_HOME": str(at.folder / "home")}
    command = (sys.executable, "-m", "services.cli", "serve", "desk")
    child = spawn(command, log=at.folder / "desk.log", environment=os.environ | told)
    try:
        async with asyncio.timeout(GIVE_UP):
            while not await is_ready(url):
                assert child.exit_code() is None, child.tail()
                await asyncio.sleep(0.1)
        yield url
    finally:
        await child.stop()


@asynccontextmanager
async def _page(url: str, desk: Addressee) -> AsyncIterator[Page]:
    """The desk's queue, open and live."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page(extra_http_headers={HEADER: f"officer {desk.agency}/{desk.desk} Measured"})
        await page.goto(f"{url}/desk?show=all")
        await page.wait_for_selector("#live[data-state=live]")
        await page.evaluate(_WATCH)
        yield page
        await browser.close()
