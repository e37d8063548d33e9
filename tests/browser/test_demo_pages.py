"""The demonstration as a stranger sees it: printed addresses open pages that live, each one-time login works once."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Photograph

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
SCREEN = {"width": 1440, "height": 900}
_LOGIN = re.compile(r"http://\S+/(\w+)/sign-in\?code=[\w-]+")


@pytest_asyncio.fixture(loop_scope="session")
async def demonstration() -> AsyncIterator[Process]:
    """`phoihop demo` without --once, ended as Ctrl-C ends it."""
    command = (sys.executable, "-m", "services.cli", "demo")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=STDOUT)
    yield process
    process.send_signal(signal.SIGINT)
    await process.communicate()


async def logins(process: Process) -> list[tuple[str, str]]:
    """Section and address of every login that is printed."""
    found: list[tuple[str, str]] = []
    assert process.stdout is not None
    async for line in process.stdout:
        if login := _LOGIN.search(line.decode()):
            found.append((login[1], login[0]))
        elif found:
            break
    return found


async def signed_in(browser: Browser, address: str, **options: str) -> Page:
    """As somebody who follows the printed address and presses the button."""
    context = await browser.new_context(viewport=SCREEN, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("button", name="Đăng nhập").click()
    return page


async def test_printed_logins_open_pages_that_live(
    demonstration: Process, browser: Browser, photograph: Photograph
) -> None:
    """Fails when an address that is printed leads nowhere, a code works twice, or the day does not reach the pages."""
    found = await logins(demonstration)
    assert {section for section, _ in found} == {"field", "desk", "review", "regulations", "status"}
    assert demonstration.stdout is not None
    reading = asyncio.create_task(demonstration.stdout.read())
    desks = [await signed_in(browser, at, color_scheme="dark") for section, at in found if section == "desk"]
    for section, address in found:
        if section != "desk":
            page = await signed_in(browser, address)
            await expect(page).to_have_url(re.compile(rf"/{section}(\?|$)"))
            await expect(page.locator("#menu summary")).to_have_text("Trực ban 1")

    first = desks[0]
    await expect(first.locator("#live")).to_have_text("Trực tiếp")
    await expect(first.locator("#queue > [data-state=overdue]").first).to_be_visible(timeout=240_000)
    await photograph(first, "desk-night")
    again = await signed_in(browser, next(at for section, at in found if section == "desk"))
    await expect(again.get_by_role("alert").first).to_be_visible()
    reading.cancel()
