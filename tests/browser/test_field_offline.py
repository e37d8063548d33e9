"""The field's page without a net: nothing written is lost, nothing is stored twice, and the page opens all the same."""

import json
from datetime import timedelta
from typing import Final

from playwright.async_api import Page, Route, expect

from contracts import subjects
from contracts.access import Holder, Role
from contracts.codes import Space
from contracts.envelope import read
from contracts.events import ReportAccepted
from contracts.reports import Sender
from services.runtime.jetstream import read_subject
from services.stack.identity.offering import offer
from tests.browser.conftest import Visits
from tests.browser.phones import GATE, RANGERS, incident, kept_for_offline, line_of, on_record, opened, phone, send_fire
from tests.system.conftest import System

REPORTS: Final = "**/v1/reports/*"


async def _stored(system: System, page: Page, headline: str) -> list[Sender]:
    """From whom the hub holds facts for the report that this page shows."""
    report = await line_of(page, headline).get_attribute("data-report")
    async with system.client() as client:
        stored = read_subject(client, "EVENTS", subjects.reports(Space.EXERCISE))
        found = [fact.data async for one in stored if isinstance((fact := read(one.body)).data, ReportAccepted)]
    return [fact.sender for fact in found if str(fact.report.report) == report]


def _sender(unit: str) -> Sender:
    agency, _, code = unit.partition("/")
    return Sender(agency=agency, unit=code)


async def test_reports_wait_through_a_closed_page_and_a_start_without_a_net(visit: Visits) -> None:
    """Fails when a report written without a net is gone after the tab was closed, or when the page does not open."""
    context = await phone(visit)
    page = await opened(visit, context)
    await kept_for_offline(page)
    await context.set_offline(True)
    await send_fire(page, "Chờ một")
    await send_fire(page, "Chờ hai")
    await expect(page.locator("#state")).to_have_attribute("data-courier", "offline")
    await page.close()

    page = await opened(visit, context)

    await expect(page.locator("nav .waiting")).to_have_text("2 chờ")
    await expect(page.locator("#unit")).to_contain_text("Xuân Lương")
    await send_fire(page, "Chờ ba")  # the communes are on the phone too
    await expect(page.locator("#sent li[data-outcome=waiting]")).to_have_count(3)
    await context.set_offline(False)
    for headline in ("Chờ một", "Chờ hai", "Chờ ba"):
        await on_record(page, headline)
        assert await _stored(visit.system, page, headline) == [_sender(RANGERS)]
    await expect(page.locator("#sent li[data-outcome=waiting]")).to_have_count(0)


async def test_a_lost_answer_stores_a_report_once(visit: Visits) -> None:
    """Fails when a phone that never heard the answer sends a second report, or goes on waiting for ever."""
    context = await phone(visit)
    page = await opened(visit, context)
    lost = []

    async def store_and_lose(route: Route) -> None:
        lost.append((await route.fetch()).status)
        await route.abort()

    await context.route(REPORTS, store_and_lose, times=1)
    await send_fire(page, "Mất trả lời")

    await on_record(page, "Mất trả lời")
    assert lost == [201]
    await expect(line_of(page, "Mất trả lời").locator(".state")).to_have_text("Đã ghi nhận (đã có từ trước)")
    assert await _stored(visit.system, page, "Mất trả lời") == [_sender(RANGERS)]


async def test_a_wireless_networks_own_page_is_no_answer(visit: Visits) -> None:
    """Fails when a sign-in page of a hotel, which answers 200 to everything, counts as the hub's promise."""
    context = await phone(visit)
    page = await opened(visit, context)
    await context.route(REPORTS, lambda route: route.fulfill(status=200, body="<h1>Welcome</h1>"), times=1)

    await send_fire(page, "Sau trang chào")

    await on_record(page, "Sau trang chào")
    assert await _stored(visit.system, page, "Sau trang chào") == [_sender(RANGERS)]


async def test_a_hub_that_is_killed_gets_the_report_when_it_is_back(visit: Visits) -> None:
    page = await opened(visit, await phone(visit))
    await kept_for_offline(page)
    await visit.system.kill("intake")

    await send_fire(page, "Qua lần khởi động lại")

    await on_record(page, "Qua lần khởi động lại")
    assert await _stored(visit.system, page, "Qua lần khởi động lại") == [_sender(RANGERS)]


async def test_whose_session_has_ended_can_write_and_sends_after_signing_in(visit: Visits) -> None:
    """Fails when a session that ends out there takes the page, or what was written, with it."""
    context = await phone(visit)
    page = await opened(visit, context)
    cookies = await context.cookies()
    await context.clear_cookies()
    await page.reload()

    await page.wait_for_selector("#field[data-ready=all]")
    await send_fire(page, "Hết phiên")
    await expect(page.locator("#state")).to_have_attribute("data-courier", "signed-out")
    await expect(page.locator("#state a")).to_be_visible()
    await context.add_cookies(cookies)  # type: ignore[arg-type]  # what one gives the other takes
    await page.reload()

    await page.locator("[data-show=sent]").click()
    await on_record(page, "Hết phiên")


async def test_a_phone_is_enrolled_by_a_link_and_stays_enrolled(visit: Visits) -> None:
    """Fails when the code of a link reaches the server's address line, or when a phone has to be enrolled again."""
    context = await phone(visit, None)
    addresses: list[str] = []
    context.on("request", lambda request: addresses.append(request.url))
    code = await _code(visit.system)

    page = await opened(visit, context, f"#code={code}")
    await expect(page.locator("#unit")).to_contain_text("Đắk Wil")
    await page.close()
    page = await opened(visit, context)

    await expect(page.locator("#enrol")).to_be_hidden()
    await send_fire(page, "Từ máy đã đăng ký", "dak wil")
    await on_record(page, "Từ máy đã đăng ký")
    assert await _stored(visit.system, page, "Từ máy đã đăng ký") == [_sender(GATE)]
    assert not [address for address in addresses if code in address.partition("#")[0]]


async def _code(system: System) -> str:
    agency, point = GATE.split("/")
    holder = Holder(role=Role.UNIT, agency=agency, point=point, name="Trạm kiểm soát")
    async with system.client() as client:
        return (await offer(client, holder, timedelta(minutes=5), device=True)).code


async def test_a_number_that_stands_for_something_else_is_mended_under_a_new_one(visit: Visits) -> None:
    """Fails when a report whose id is taken is shown as stored, or is sent again under the same id for ever."""
    context = await phone(visit)
    page = await opened(visit, context)

    async def store_another(route: Route) -> None:
        other = json.loads(route.request.post_data or "{}") | {"headline": "Chuyện khác"}
        assert (await route.fetch(post_data=json.dumps(other))).status == 201
        await route.abort()

    await context.route(REPORTS, store_another, times=1)
    await send_fire(page, "Trùng số")
    conflict = line_of(page, "Trùng số")
    await expect(conflict).to_have_attribute("data-outcome", "conflict", timeout=60_000)
    await expect(conflict.locator(".problems li")).to_contain_text("id.conflict")
    taken = await conflict.get_attribute("data-report")
    await conflict.get_by_role("button", name="Sửa và gửi lại").click()
    await incident(page).locator("[name=headline]").fill("Số mới")
    await incident(page).locator(".send").click()

    await on_record(page, "Số mới")
    assert await line_of(page, "Số mới").get_attribute("data-report") != taken
