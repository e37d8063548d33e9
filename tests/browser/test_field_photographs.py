"""Photographs on the field's page: made small and plain, sent after the text, also when the tab was closed between."""

import base64
import hashlib
from typing import Final

from playwright.async_api import FilePayload, Page, Route, expect

from contracts.attachments import MediaType
from services.intake.attachments.images import flaw
from services.runtime.objects import read_object
from tests.browser.accessible import assert_accessible
from tests.browser.conftest import Visits
from tests.browser.phones import RANGERS, incident, line_of, on_record, opened, phone, send_fire
from tests.pictures import EXIF, segment

ATTACHMENTS: Final = "**/attachments/*"
TAKEN: Final = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 2400, height: 1800 });
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = "#a40"; drawing.fillRect(200, 200, 900, 900);
  return canvas.toDataURL("image/jpeg").split(",")[1];
}"""
KEPT: Final = """() => new Promise((resolve) => {
  indexedDB.open("phoihop-field-photos").onsuccess = ({ target }) => {
    const asked = target.result.transaction("photos").objectStore("photos").getAll();
    asked.onsuccess = () => resolve(asked.result);
  };
})"""
HEADLINE: Final = "Khói ở khoảnh 4"


async def _photograph(page: Page) -> bytes:
    """As a phone's camera writes it: large, and with where it was taken."""
    plain = base64.b64decode(await page.evaluate(TAKEN))
    return plain[:2] + segment(0xE1, EXIF) + plain[2:]


async def _gone(route: Route) -> None:
    await route.abort()


async def test_a_photograph_follows_its_report_from_a_closed_tab_and_says_nothing_but_what_it_shows(
    visit: Visits,
) -> None:
    """Fails when words wait for pictures, when a picture is lost with the tab, or when it carries a position along."""
    context = await phone(visit)
    page = await opened(visit, context)
    await context.route(ATTACHMENTS, _gone)
    chosen = incident(page).locator(".photos")
    taken = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=await _photograph(page))
    none = FilePayload(name="b.jpg", mimeType="image/jpeg", buffer=b"x")
    await chosen.locator("input[type=file]").set_input_files([taken, taken, none])
    await expect(chosen.locator("li")).to_have_count(1)
    await expect(chosen.get_by_role("status")).to_have_text("Tệp này không dùng làm ảnh được.")
    await chosen.get_by_label("ảnh chụp gì").fill("Nhìn từ trạm")
    await assert_accessible(page)
    await send_fire(page, HEADLINE)
    await on_record(page, HEADLINE)
    await expect(line_of(page, HEADLINE).locator(".photos .badge")).to_have_text("Ảnh chờ gửi")
    await expect(line_of(page, HEADLINE).locator("[data-verb=discard]")).to_be_hidden()
    await page.close()
    await context.unroute(ATTACHMENTS)

    page = await opened(visit, context)
    await page.locator("nav [data-show=sent]").click()

    state = line_of(page, HEADLINE).locator(".photos li")
    await expect(state).to_contain_text("Ảnh đã ghi nhận", timeout=60_000)
    await expect(state).to_contain_text("Nhìn từ trạm")
    (kept,) = await page.evaluate(KEPT)
    async with visit.system.client() as client:
        body = await read_object(client, RANGERS.split("/")[0], kept["sha256"])
    assert body is not None
    assert (hashlib.sha256(body).hexdigest(), len(body)) == (kept["sha256"], kept["size"])
    assert flaw(body, MediaType.JPEG) is None
    assert b"Exif" not in body
    assert "bytes" not in kept
