"""A real browser over the real system: one stack and one chromium for all pages, and what every page must keep.

Whatever a test does, the page may ask nobody but us and may break no rule of its own policy: that is looked at when the
test ends, on every page it opened.
"""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright, expect

from contracts.access import SECTIONS, Role
from services.runtime.embedded.local_stack import running_stack
from services.runtime.web.settings import WebSettings
from services.stack.sections import PROCESSES
from services.stack.settings import StackSettings
from services.stack.stack import LocalStack
from tests.system.conftest import REFERENCE, System
from tests.testers import admit_tester
from tests.visitors import signed_in, visitor

ROOT: Final = Path(__file__).parents[2]
SCREENSHOTS: Final = ROOT / "docs" / "screenshots"
CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOW_TO_INSTALL: Final = "no chromium here; install it: sudo apt install chromium fonts-noto-core"
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LONGEST_WAIT: Final = 60_000
"""Milliseconds for what is not about speed: other work may share the machine."""
WITH_THE_START: Final = 300
"""Seconds for one test, as nine processes may have to start first on a busy machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`./deploy/run test tests/browser --screenshots` renews the pictures of README."""
    parser.addoption("--screenshots", action="store_true", help="write docs/screenshots")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything shares one loop, as it shares one stack and one browser; whichever is first waits for both."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("asyncio") is not None:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(WITH_THE_START))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where chromium is; without it nothing is proved, so every test fails and tells how to get it."""
    if CHROMIUM is None:
        pytest.fail(HOW_TO_INSTALL)
    return CHROMIUM


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """Not pytest's own folder: Postgres started by root runs as an account that may not enter that."""
    folder = Path(tempfile.mkdtemp(prefix="phoihop-browser-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def _invented_communes(folder: Path) -> Path:
    """A map as a deployment would give it: two communes of the register, drawn as squares far out at sea."""
    squares = (_square(code, west) for code, west in (("19774", 112.0), ("19777", 112.1)))
    file = folder / "communes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(squares)}))
    file.chmod(0o644)
    return file


def _square(code: str, west: float) -> dict[str, Any]:
    corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    ring = [[west + x / 10, 15.0 + y / 10] for x, y in corners]
    properties = {"code": code, "valid_from": "2025-07-01"}
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def system(chromium: str, stack_folder: Path) -> AsyncIterator[System]:
    """The whole system, started once for all tests of pages. A test leaves it running, whatever it kills."""
    assert chromium
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
            patch.delenv(name)
        admit_tester(patch)
        patch.setenv("PHOIHOP_BOUNDARIES", str(_invented_communes(stack_folder)))
        ready, stop = asyncio.Event(), asyncio.Event()
        settings = StackSettings(home=stack_folder / "home", reference=REFERENCE)
        stack = LocalStack(settings, observe=lambda _: None, ready=lambda _: ready.set())
        running = asyncio.create_task(stack.run(stop))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.is_set():
            waiting.cancel()
            await running
        yield System(stack.home)
        stop.set()
        await running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One chromium; every visitor has a context of its own."""
    expect.set_options(timeout=LONGEST_WAIT)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        await launched.close()


@dataclass  # without slots: Playwright keeps its handlers on the instance
class Watch:
    """What went wrong on the pages of one test without the test asking."""

    ours: set[str]
    """Host and port of every door of the system."""
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def on_request(self, request: Request) -> None:
        """Every request of every page."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in self.ours:
            self.strangers.append(request.url)

    def on_console(self, message: ConsoleMessage) -> None:
        """What the browser blocks, it says on the console. A lost connection is no fault of the page."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def on_error(self, error: Exception) -> None:
        """A script that ended with an error."""
        self.complaints.append(str(error))


@dataclass(frozen=True, slots=True)
class Visits:
    """Opens pages as somebody."""

    system: System
    browser: Browser
    watch: Watch
    contexts: AsyncExitStack

    def url(self, path: str) -> str:
        """The address of a path in the process that serves its section; other paths are the console's."""
        process = PROCESSES.get(path.strip("/").split("/")[0].split("?")[0], "console")
        return f"{self.system.url(process)}{path}"

    async def context(self, role: Role | None = None, point: str | None = None, **options: Any) -> BrowserContext:
        """A browser of its own, signed in to the role's section; `point` is AGENCY/DESK or AGENCY/UNIT.

        `options` are Playwright's: `color_scheme`, `viewport`, `locale` …
        """
        name = options.pop("name", "Trực ban 1")
        told = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", **options}
        context = await self.browser.new_context(**told)
        self.contexts.push_async_callback(context.close)
        context.set_default_timeout(LONGEST_WAIT)
        context.on("request", self.watch.on_request)
        context.on("console", self.watch.on_console)
        context.on("weberror", lambda error: self.watch.on_error(error.error))
        if role is not None:
            who, settings = visitor(role, point, name), WebSettings(home=self.system.home)
            address = self.url(f"/{SECTIONS[role]}")
            cookies = [{"name": key, "value": text, "url": address} for key, text in signed_in(who, settings).items()]
            await context.add_cookies(cookies)  # type: ignore[arg-type]  # a TypedDict of more keys
        return context

    async def page(self, path: str, role: Role | None = None, point: str | None = None, **options: Any) -> Page:
        """A page in a browser of its own."""
        context = await self.context(role, point, **options)
        page = await context.new_page()
        await page.goto(self.url(path), wait_until="domcontentloaded")
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def visit(system: System, browser: Browser) -> AsyncIterator[Visits]:
    """Pages of one test; when it ends, none of them may have asked a stranger or broken a rule."""
    state = running_stack(system.home)
    assert state is not None
    watch = Watch({urlsplit(process.url).netloc for process in state.processes if process.url})
    async with AsyncExitStack() as contexts:
        yield Visits(system, browser, watch, contexts)
    assert not watch.strangers, f"pages asked strangers: {watch.strangers}"
    assert not watch.complaints, f"pages complained: {watch.complaints}"


Photograph = Callable[..., Awaitable[None]]


@pytest.fixture
def photograph(request: pytest.FixtureRequest) -> Photograph:
    """Keeps a picture of a page for README, only where `--screenshots` asks for it."""
    wanted = request.config.getoption("--screenshots", default=False)

    async def take(page: Page, name: str, **options: Any) -> None:
        if wanted:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=SCREENSHOTS / f"{name}.png", **options)

    return take
