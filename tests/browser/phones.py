"""A unit's phone: a narrow screen, a position, and the steps people take on the field's page."""

from typing import Any, Final

from playwright.async_api import BrowserContext, Locator, Page, expect

from contracts.access import Role
from tests.browser.conftest import Visits

RANGERS: Final = "kl-h-yen-the/tram-xuan-luong"
GATE: Final = "bp-d-dak-wil/tram-kiem-soat"
SCREEN: Final = {"width": 360, "height": 740}
XUAN_LUONG: Final = {"latitude": 21.5241, "longitude": 106.1533, "accuracy": 12.4}
READY: Final = "#field[data-ready=all]"


async def phone(visit: Visits, unit: str | None = RANGERS, **options: Any) -> BrowserContext:
    """A phone on which this unit has signed in."""
    told = {"viewport": SCREEN, "has_touch": True, "is_mobile": True, "geolocation": XUAN_LUONG}
    granted = {"permissions": ["geolocation"]}
    return await visit.context(Role.UNIT if unit else None, unit, name="Trực ban", **told, **granted, **options)


async def opened(visit: Visits, context: BrowserContext, fragment: str = "") -> Page:
    """The field's page, once its scripts have done what they do at start."""
    page = await context.new_page()
    await page.goto(visit.url("/field") + fragment, wait_until="domcontentloaded")
    await page.wait_for_selector(READY)
    return page


async def kept_for_offline(page: Page) -> None:
    """Waits until the phone holds what the page needs without a net."""
    await page.evaluate("navigator.serviceWorker.ready")
    await page.wait_for_function("caches.match('/field', { cacheName: 'field-pages' })")


def incident(page: Page) -> Locator:
    """The form for an incident."""
    return page.locator("form[data-type=incident]")


async def choose_category(page: Page, typed: str) -> None:
    """As somebody does who types without accents and presses Enter."""
    search = incident(page).locator(".categories input[type=search]")
    await search.fill(typed)
    await search.press("Enter")


async def choose_place(form: Locator, typed: str) -> None:
    """The first area found."""
    await form.locator(".places input[type=search]").fill(typed)
    await form.locator(".places .hits button").first.click()


async def send_fire(page: Page, headline: str, place: str = "rung xuan luong") -> None:
    """A forest fire, as an exercise: a first report with what must be there and a line of one's own."""
    await page.locator("[data-show=incident]").click()
    form = incident(page)
    await form.locator("[name=status]").select_option("Exercise")
    await choose_category(page, "chay rung")
    await choose_place(form, place)
    await form.locator("[name=headline]").fill(headline)
    await form.locator(".send").click()
    await expect(line_of(page, headline)).to_have_count(1)


def line_of(page: Page, headline: str) -> Locator:
    """The line of one report in the list of what waits and was sent."""
    return page.locator("#sent li.receipt").filter(has=page.get_by_role("heading", name=headline, exact=True))


async def on_record(page: Page, headline: str) -> None:
    """The hub has answered that it holds the report."""
    await expect(line_of(page, headline)).to_have_attribute("data-outcome", "stored", timeout=60_000)
