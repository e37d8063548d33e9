"""One story through the doors of three roles: a unit reports by phone, an officer takes it, an auditor proves it."""

import asyncio

from playwright.async_api import expect

from contracts.access import Role
from contracts.identifiers import new_id
from tests.browser.conftest import LONGEST_WAIT, Visits
from tests.browser.duty import enrol
from tests.browser.phones import choose_category, choose_place, incident, line_of, on_record, opened, phone

LEAD = "ubnd-x-xuan-luong/truc-ban"


async def test_a_fire_goes_from_the_phone_to_the_desk_and_into_the_record(visit: Visits) -> None:
    """Fails when any of the three is told another story, or desk or phone have to load a page again to hear of it."""
    headline = f"Cháy rừng gần thôn {new_id().hex[-8:]}"
    await enrol(visit.system, LEAD)
    desk = await visit.page("/desk", Role.OFFICER, LEAD, color_scheme="dark")
    await expect(desk.locator("#live")).to_have_attribute("data-state", "live")

    unit = await opened(visit, await phone(visit))
    form = incident(unit)
    await choose_category(unit, "chay rung")
    await choose_place(form, "rung xuan luong")
    await form.locator("[name=headline]").fill(headline)
    await form.locator(".send").click()
    await on_record(unit, headline)

    row = desk.locator("#queue > .dispatch", has_text=headline).filter(has_text="CHỦ TRÌ")
    await expect(row).to_be_visible(timeout=60_000)
    await row.get_by_role("button", name="Đã nhận tin").click()
    await expect(row).to_have_attribute("data-waits", "false", timeout=60_000)

    line = line_of(unit, headline)
    await line.locator("summary").click()
    await expect(line.locator(".rungs")).to_contain_text("đã nhận tin", timeout=60_000)

    review = await visit.page("/review", Role.AUDITOR)
    found = review.get_by_role("link", name=headline).first
    async with asyncio.timeout(LONGEST_WAIT / 1000):
        while not await found.count():  # the list of the ledger is as old as the page
            await asyncio.sleep(0.5)
            await review.reload()
    await found.click()
    recipient = review.locator("table.ladders tr", has_text=LEAD).first
    await expect(recipient).to_contain_text("đúng hạn", timeout=60_000)
    await expect(review.locator("table.course")).to_contain_text("Nhận báo cáo")
