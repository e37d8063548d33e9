"""The operators' pages: they tell what runs, live, to operators only; start page and interfaces are for everybody."""

import os
import signal

import pytest
from nats.aio.client import Client
from playwright.async_api import expect

from contracts.access import Role
from services.runtime.jetstream import erase
from services.runtime.terminal import Language
from tests.browser.accessible import assert_accessible
from tests.browser.conftest import Photograph, Visits
from tests.system.conftest import ask


async def test_the_start_page_leads_to_every_section(visit: Visits, photograph: Photograph) -> None:
    page = await visit.page("/")

    for section in ("field", "desk", "review", "regulations", "status"):
        await expect(page.locator(f'a[href$="/{section}"]')).to_have_count(1)
    await assert_accessible(page)
    await photograph(page, "start")


async def test_an_operator_sees_what_runs_and_a_stranger_the_door(visit: Visits, photograph: Photograph) -> None:
    """Fails when somebody who is not signed in as an operator gets to see how the system runs."""
    stranger = await visit.page("/status")
    await expect(stranger.get_by_label("Mã dùng một lần")).to_be_visible()

    page = await visit.page("/status", Role.OPERATOR)
    await expect(page.locator("#live")).to_have_text("Trực tiếp")
    for name in ("intake", "routing", "audit", "notary", "console"):
        await expect(page.get_by_role("row", name=name).first).to_contain_text("sẵn sàng")
    await expect(page.get_by_role("row", name="EVENTS").first).to_be_visible()
    await assert_accessible(page)
    await photograph(page, "status", full_page=True)


async def test_a_service_that_ends_is_told_without_loading_the_page_again(visit: Visits) -> None:
    page = await visit.page("/status", Role.OPERATOR)
    notary = page.get_by_role("row", name="notary").first
    await expect(notary).to_contain_text("sẵn sàng")
    restarts = visit.system.process("notary").restarts

    await visit.system.kill("notary")

    await expect(notary.get_by_role("cell").nth(2)).to_have_text(str(restarts + 1))


async def test_a_page_whose_server_dies_says_so_within_seconds_and_catches_up(visit: Visits) -> None:
    """Fails when somebody could look at old figures for longer than 7.5 s without being told."""
    page = await visit.page("/status", Role.OPERATOR)
    await expect(page.locator("#live")).to_have_text("Trực tiếp")
    marked = await page.evaluate("document.marked = true")

    await page.context.set_offline(True)  # ends no stream that is open: what is left is the silence
    await visit.system.kill("console")
    await expect(page.locator("#stale-banner")).to_be_visible(timeout=7_500)

    await page.context.set_offline(False)
    await expect(page.locator("#live")).to_have_text("Trực tiếp")
    await expect(page.locator("#stale-banner")).to_be_hidden()
    assert await page.evaluate("document.marked") == marked


async def test_a_server_that_falls_silent_without_closing_counts_as_lost(visit: Visits) -> None:
    """Fails when a process that hangs leaves a screen looking live: the connection is open, nothing comes."""
    page = await visit.page("/status", Role.OPERATOR)
    await expect(page.locator("#live")).to_have_text("Trực tiếp")
    pid = visit.system.process("console").pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        await expect(page.locator("#stale-banner")).to_be_visible(timeout=7_500)
    finally:
        os.kill(pid, signal.SIGCONT)
    await expect(page.locator("#stale-banner")).to_be_hidden(timeout=7_500)


async def test_an_operator_has_a_parked_message_tried_again_by_a_button(visit: Visits) -> None:
    """Fails when the page loses a button in hand to its own renewal, or leaves an operator without an answer."""
    async with visit.system.client() as client:
        hopeless = await _park(client, "inbox.action.Not-A-Token.x")
        mended = await _park(client, "inbox.action.ubnd-x-xuan-luong.truc-ban")
        page = await visit.page("/status", Role.OPERATOR, viewport={"width": 320, "height": 800})
        await expect(page.locator("#live")).to_have_text("Trực tiếp")
        await page.locator(f"#again-{mended}").focus()
        renewed = page.locator("#overview .notice").first
        shown = await renewed.inner_text()
        await expect(renewed).not_to_have_text(shown)
        await expect(page.locator(f"#again-{mended}")).to_be_focused()
        await assert_accessible(page)

        await page.keyboard.press("Enter")
        await expect(page.locator("#parked .notice").first).to_contain_text("đã xử lý")
        await expect(page.locator(f"#again-{mended}")).to_have_count(0)

        await page.get_by_role("button", name=f"Làm lại · {hopeless}", exact=True).click()
        await expect(page.locator("#parked .notice").first).to_contain_text("vẫn không xử lý được")
        await expect(page.locator(f"#again-{hopeless}")).to_have_count(1)
        await assert_accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await erase(client, "PARKED", hopeless)


async def _park(client: Client, subject: str) -> int:
    """As routing parks an action; its number."""
    headers = {"Phoihop-Subject": subject, "Phoihop-Sequence": "1", "Phoihop-Reason": "ValueError: a defect"}
    stored = await client.jetstream().publish("parked.INBOX.routing-actions", b"{}", headers=headers)
    return stored.seq


async def test_no_process_offers_a_route_that_publishes_for_anybody(visit: Visits) -> None:
    """FastStream's page of its description brings one, without asking who sends."""
    doors = [process.url for process in visit.system.state.processes if (process.url or "").startswith("http")]
    assert len(doors) == len(visit.system.state.processes) - 2  # the two servers speak no HTTP
    for door in filter(None, doors):
        for path in ("/docs/try", "/asyncapi/try", "/docs/asyncapi/try", "/api/try"):
            answer = await ask(door, "POST", path, b'{"options":{"sendToRealBroker":true}}')
            assert answer.status in {404, 405}, f"{door} {path}"


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("path", ["/", "/status", "/api", "/status/sign-in"])
async def test_no_page_is_wider_than_its_screen(visit: Visits, path: str, width: int) -> None:
    page = await visit.page(path, Role.OPERATOR, viewport={"width": width, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["/api", "/status/sign-in", "/nothing"])
async def test_every_page_can_be_read_by_everybody_in_both_languages(visit: Visits, path: str) -> None:
    for language in Language:
        page = await visit.page(f"{path}?lang={language}")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await assert_accessible(page)


async def test_the_switches_work_without_loading_and_are_remembered(visit: Visits) -> None:
    page = await visit.page("/")
    await page.locator("#menu summary").click()
    await page.get_by_role("link", name="Tối").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Where to?")
    await page.goto(visit.url("/"))
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_the_keys_are_listed_by_a_key(visit: Visits) -> None:
    page = await visit.page("/")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Hiện danh sách này")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_paper_is_black_on_white_whatever_the_screen_shows(visit: Visits) -> None:
    page = await visit.page("/?theme=dark")
    await page.emulate_media(media="print")
    shown = await page.evaluate(
        "[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert shown == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
