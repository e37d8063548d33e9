"""The field's page over HTTP, on a real intake and nats-server: what is open, what takes a proof, what it weighs."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import pytest_asyncio

from contracts import subjects
from contracts.access import Holder, Role
from contracts.codes import Space
from contracts.identifiers import new_id
from contracts.ladders import ReportLadder
from contracts.subjects import Origin
from contracts.taxonomy import FAMILIES, Category
from services.intake.field import OFFLINE
from services.runtime.sending import connection
from services.stack.identity.offering import offer
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, UNIT_HEADER, Answer, ask, put, report

MOST_BYTES = 60_000
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}


def _as(unit: str) -> dict[str, str]:
    return {UNIT_HEADER: unit}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _code(hub: Hub, unit: str = UNIT, *, device: bool = True) -> str:
    async def made() -> str:
        agency, point = unit.split("/")
        holder = Holder(role=Role.UNIT, agency=agency, point=point, name="Tàu SAR")
        async with connection(hub.nats.url) as client:
            return (await offer(client, holder, timedelta(minutes=5), device=device)).code

    return asyncio.run(made())


def _enrolled(hub: Hub, door: str, unit: str = UNIT) -> dict[str, Any]:
    body = json.dumps({"code": _code(hub, unit)}).encode()
    answer = ask(door, "POST", "/field/enrol", body, SAME_ORIGIN)
    assert answer.status == 201
    found: dict[str, Any] = answer.body
    return found


def _compressed(url: str, path: str, headers: dict[str, str]) -> int:
    """How many bytes of content a browser receives for it."""
    connected = HTTPConnection(urlsplit(url).netloc, timeout=30)
    connected.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
    response = connected.getresponse()
    content = response.read()
    connected.close()
    assert response.status == 200, path
    return len(content)


def test_the_empty_page_opens_for_everybody_and_names_nobody(door: str) -> None:
    answer = ask(door, "GET", "/field", headers={"Accept": "text/html", "Accept-Language": "vi"})

    assert answer.status == 200
    text = answer.body.decode()
    assert text.count('name="category"') == 45
    assert 'data-key="chay rung forest fire for-fire"' in text
    assert "tau-sar" not in text


def test_every_category_and_family_has_a_picture(door: str) -> None:
    drawn = ask(door, "GET", "/field/static/icons.svg").body.decode()

    assert not [code for code in (*Category, *FAMILIES) if f'<symbol id="{code}"' not in drawn]


@pytest.mark.parametrize("path", ["/field/unit", "/field/places", "/field/places/46", "/field/pass"])
def test_what_is_a_units_own_takes_a_proof(door: str, path: str) -> None:
    """Fails when somebody who proves nothing learns for whom a phone reports, or gets a token."""
    method = "POST" if path.endswith("pass") else "GET"

    answer = ask(door, method, path, headers={"Accept": "application/json", "Sec-Fetch-Site": "same-origin"})

    assert answer.status == 401


def test_a_unit_is_sent_its_own_province_and_the_names_of_the_others(door: str) -> None:
    told = ask(door, "GET", "/field/places", headers=_as(UNIT)).body

    assert told["own"] == "46"
    assert [code for code, _ in told["provinces"]] == ["24", "46", "68"]
    assert ["bien-dong-ngoai-khoi", "Vùng biển ngoài khơi"] in told["elsewhere"]
    own = ask(door, "GET", f"/field/places/{told['own']}", headers=_as(UNIT)).body["places"]
    assert ["20056", "xã A Lưới 1"] in own
    assert ask(door, "GET", "/field/places/99", headers=_as(UNIT)).status == 404


def test_a_phone_enrolled_with_a_code_reports_as_its_unit(hub: Hub, door: str) -> None:
    device = _enrolled(hub, door)

    unit = ask(door, "GET", "/field/unit", headers=_bearer(device["token"])).body
    answer = put(
        door, report(sender={"agency": "vmrcc-kv2", "unit": "tau-sar"}), unit=None, headers=_bearer(device["token"])
    )

    assert (unit["agency"], unit["unit"]) == ("vmrcc-kv2", "tau-sar")
    assert answer.status == 201


def test_a_code_enrols_one_phone(hub: Hub, door: str) -> None:
    """Fails when whoever finds a used code can report in the unit's name."""
    body = json.dumps({"code": _code(hub)}).encode()

    first, again = (ask(door, "POST", "/field/enrol", body, SAME_ORIGIN) for _ in range(2))

    assert (first.status, again.status) == (201, 401)


def test_a_credential_gets_another_token_and_is_no_token_itself(hub: Hub, door: str) -> None:
    device = _enrolled(hub, door)

    again = ask(door, "POST", "/field/token", headers=_bearer(device["credential"]) | SAME_ORIGIN)

    assert again.status == 200
    assert ask(door, "GET", "/field/unit", headers=_bearer(again.body["token"])).status == 200
    assert put(door, report(), unit=None, headers=_bearer(device["credential"])).status == 401


def test_a_session_gets_a_pass_for_the_door(hub: Hub, door: str) -> None:
    form = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    signed_in = ask(door, "POST", "/field/sign-in", f"code={_code(hub, device=False)}".encode(), form)
    cookie = {"Cookie": signed_in.headers["Set-Cookie"].partition(";")[0], "Sec-Fetch-Site": "same-origin"}

    issued = ask(door, "POST", "/field/pass", headers=cookie)

    assert (signed_in.status, issued.status) == (303, 200)
    assert put(door, report(), unit=None, headers=_bearer(issued.body["token"])).status == 201


def test_a_unit_reads_how_far_its_own_report_got_and_nobody_elses(hub: Hub, door: str) -> None:
    """Fails when a unit can learn of another's report, even that there is one."""
    identifier = UUID(report()["report"])
    asyncio.run(_tell_ladder(hub, UNIT, identifier))

    own, others, nobodys = (
        _ladder(door, UNIT, identifier),
        _ladder(door, OTHER_UNIT, identifier),
        _ladder(door, UNIT, new_id()),
    )

    assert (own.status, own.body["report"]) == (200, str(identifier))
    assert (others.status, others.body) == (nobodys.status, nobodys.body) == (404, {"detail": "Not Found"})


def _ladder(door: str, unit: str, identifier: UUID) -> Answer:
    return ask(door, "GET", f"/v1/reports/{identifier}/ladder", headers=_as(unit))


async def _tell_ladder(hub: Hub, unit: str, identifier: UUID) -> None:
    now = datetime.now(UTC)
    ladder = ReportLadder(
        report=identifier, space=Space.ACTUAL, incident=new_id(), lead=None, over=False, as_of=now, sequence=1, lines=()
    )
    subject = subjects.ladder(Space.ACTUAL, Origin(*unit.split("/")), identifier)
    async with connection(hub.nats.url) as client:
        await client.jetstream().publish(subject, ladder.model_dump_json().encode())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mapped(hub: Hub) -> str:
    """The URL of an intake that was given the boundaries of one commune, invented and far out at sea."""
    ring = [[112.0, 15.0], [112.1, 15.0], [112.1, 15.1], [112.0, 15.1], [112.0, 15.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    commune = {"type": "Feature", "properties": {"code": "19774", "valid_from": "2025-07-01"}, "geometry": geometry}
    file = hub.folder / "communes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [commune]}))
    return await hub.serve("intake", unit_header=UNIT_HEADER, boundaries=str(file))


def test_only_where_the_deployment_gives_a_map_is_there_one_to_point_at(door: str, mapped: str) -> None:
    """Fails when a phone offers a map that is not there, or draws a border that nobody gave."""
    page = {"Accept": "text/html", "Accept-Language": "vi"}
    without, given = (ask(url, "GET", "/field", headers=page).body.decode() for url in (door, mapped))

    assert "Chọn trên bản đồ" not in without
    assert 'data-act="map"' not in without
    assert given.count('data-act="map"') == 2
    assert ask(door, "GET", "/field/map", headers=_as(UNIT)).status == 404


def test_a_sheet_of_the_map_takes_a_proof_and_shows_what_was_asked_for(mapped: str) -> None:
    sheet = ask(mapped, "GET", "/field/map?area=19774", headers=_as(UNIT) | {"Accept-Language": "vi"})
    drawn = sheet.body.decode()

    assert sheet.status == 200
    assert drawn.count('<path class="ground"') == 1
    assert 'data-concerned="true"' in drawn
    assert 'data-west="111.98' in drawn
    assert ask(mapped, "GET", "/field/map?near=somewhere", headers=_as(UNIT)).status == 404
    assert ask(mapped, "GET", "/field/map", headers={"Accept": "text/html"}).status in {303, 401}


def test_the_first_load_weighs_at_most_sixty_kilobytes(mapped: str) -> None:
    """Page, its files, the worker, who reports, and the places of the province with the most of them."""
    door = mapped
    unit = _as("bp-d-dak-wil/tram-kiem-soat")
    page = ask(door, "GET", "/field", headers={"Accept": "text/html"}).body.decode()
    version = page.partition("/field/static/")[2].partition("/")[0]
    files = [f"/field/static/{version}/{name}" for name in (*OFFLINE, "field-icon.svg")]
    data = ["/field/unit", "/field/places", "/field/places/68"]
    asked = ["/field", "/field/sw.js", "/field/manifest.webmanifest", *files, *data]

    weights = {path: _compressed(door, path, unit | {"Accept": "*/*"}) for path in asked}

    assert sum(weights.values()) <= MOST_BYTES, sorted(weights.items(), key=lambda one: -one[1])


def test_the_worker_changes_with_every_file_and_may_look_after_the_page(door: str) -> None:
    answer = ask(door, "GET", "/field/sw.js")

    assert answer.headers["Service-Worker-Allowed"] == "/field"
    text = answer.body.decode()
    assert text.startswith('const VERSION = "')
    assert all(f"/{name}" in text for name in OFFLINE)
