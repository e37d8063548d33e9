"""Photographs at the HTTP door of a real intake process: whose they are, what may come in, what is on disk after."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from contracts import attachment_subjects
from contracts.attached import AttachmentStored
from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.identifiers import new_id
from contracts.subjects import Origin
from services.runtime.embedded.nats import NatsServer
from services.runtime.objects import read_object
from services.runtime.sending import connection
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, UNIT_HEADER, Answer, ask, put, refused, report
from tests.pictures import EXIF, jpeg, named, png, segment

PAGE = b"\xff\xd8\xff<script>alert(1)</script>"


def _path(filed: dict[str, Any], sha256: str) -> str:
    return f"/v1/reports/{filed['report']}/attachments/{sha256}"


def _put(door: str, filed: dict[str, Any], body: bytes, sha256: str | None = None, unit: str = UNIT) -> Answer:
    headers = {"Content-Type": "image/jpeg", UNIT_HEADER: unit}
    return ask(door, "PUT", _path(filed, sha256 or sha256_hex(body)), body, headers)


def _get(door: str, filed: dict[str, Any], body: bytes, unit: str = UNIT) -> Answer:
    return ask(door, "GET", _path(filed, sha256_hex(body)), headers={UNIT_HEADER: unit})


def _filed(door: str, *bodies: bytes, unit: str = UNIT, **changes: Any) -> dict[str, Any]:
    """A report on record that names these pictures."""
    body = report(attachments=[named(one) | changes for one in bodies])
    assert put(door, body, unit=unit).status == 201
    return body


def _facts(hub: Hub, filed: dict[str, Any], body: bytes, unit: str = UNIT) -> list[Event[AttachmentStored]]:
    origin = Origin(*unit.split("/"))
    wanted = attachment_subjects.stored(Space.EXERCISE, origin, UUID(filed["report"]), sha256_hex(body))
    return [read(stored.body) for stored in asyncio.run(hub.facts(wanted))]


def test_a_photograph_follows_its_report_is_on_record_once_and_its_unit_can_look_at_it(hub: Hub, door: str) -> None:
    """201 is the promise: the phone forgets the photograph then."""
    photo = jpeg(shade=1)
    filed = _filed(door, photo, caption="Nước tràn qua đường")

    first, again, shown = _put(door, filed, photo), _put(door, filed, photo), _get(door, filed, photo)

    assert (first.status, first.body["outcome"], first.body["report"]) == (201, "accepted", filed["report"])
    assert (again.status, again.body["outcome"], again.body["event"]) == (200, "duplicate", first.body["event"])
    (fact,) = _facts(hub, filed, photo)
    assert (str(fact.id), fact.data.attachment.caption) == (first.body["event"], "Nước tràn qua đường")
    assert (shown.status, shown.body) == (200, photo)


def test_a_photograph_is_shown_as_nothing_but_a_picture(door: str) -> None:
    """Opened by itself under our name, it must not be able to do anything."""
    photo = jpeg(shade=2)
    filed = _filed(door, photo)
    _put(door, filed, photo)

    headers = _get(door, filed, photo).headers

    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Disposition"].startswith("inline; filename=")
    assert headers["Cache-Control"] == "no-store"


def test_what_no_report_of_the_unit_names_is_refused_before_it_is_read(door: str) -> None:
    """Else anybody with a device could fill the disk with what nobody asked for."""
    photo = jpeg(shade=3)
    filed, nothing = _filed(door, jpeg(shade=4)), report()

    refused(_put(door, filed, photo), 404, "attachment.unnamed")
    refused(_put(door, nothing, photo), 404, "attachment.unnamed")
    refused(_put(door, nothing | {"report": str(new_id())}, photo), 404, "attachment.unnamed")


def test_another_unit_can_neither_send_nor_see_it_nor_learn_that_it_is_there(door: str) -> None:
    """A digest is no secret: whoever knows one, and names it in a report of its own, must still not get the picture."""
    photo = jpeg(shade=5)
    filed = _filed(door, photo)
    _put(door, filed, photo)
    own = _filed(door, photo, unit=OTHER_UNIT)

    assert _get(door, filed, photo, OTHER_UNIT).status == 404
    assert _get(door, own, photo, OTHER_UNIT).status == 404
    refused(_put(door, filed, photo, unit=OTHER_UNIT), 404, "attachment.unnamed")
    assert ask(door, "GET", _path(filed, sha256_hex(photo))).status == 401


@pytest.mark.parametrize(
    ("body", "changes", "answered"),
    [
        (PAGE, {}, (415, "attachment.type")),
        (png(5, 5), {}, (415, "attachment.type")),
        (jpeg(640, 480, segment(0xE1, EXIF)), {}, (422, "attachment.metadata")),
        (jpeg(60_000, 60_000), {}, (413, "attachment.size")),
        (jpeg(shade=6), {"size": 10}, (413, "attachment.size")),
        (jpeg(shade=7), {"size": 100_000}, (413, "attachment.size")),
        (jpeg(shade=8), {"sha256": "0" * 64}, (422, "attachment.digest")),
    ],
    ids=["a page", "another type", "EXIF", "too many pixels", "larger than named", "smaller than named", "digest"],
)
def test_what_is_not_what_was_named_is_refused_and_nothing_of_it_is_kept(
    hub: Hub, door: str, body: bytes, changes: dict[str, Any], answered: tuple[int, str]
) -> None:
    filed = _filed(door, body, **changes)
    digest = filed["attachments"][0]["sha256"]

    refused(_put(door, filed, body, digest), *answered)

    assert _facts(hub, filed, body) == []
    assert asyncio.run(_stored(hub.nats, digest)) is None


@pytest.mark.parametrize("size", [2 * 1024 * 1024 + 1, 0, -1])
def test_a_report_cannot_name_what_may_never_be_kept(door: str, size: int) -> None:
    body = report(attachments=[named(jpeg(), size=size)])

    refused(put(door, body), 422, "field.invalid")


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/pdf"])
def test_only_pictures_without_programs_in_them_can_be_named(door: str, kind: str) -> None:
    refused(put(door, report(attachments=[named(jpeg(), kind)])), 422, "field.invalid")


def test_nine_photographs_or_the_same_twice_cannot_be_named(door: str) -> None:
    nine = [named(jpeg(shade=number)) for number in range(20, 29)]

    refused(put(door, report(attachments=nine)), 422, "field.too_long")
    refused(put(door, report(attachments=[nine[0], nine[0]])), 422, "field.invalid")


@pytest.mark.parametrize("digest", ["../../../reports", "%2e%2e", "A" * 64, "0" * 63, "0" * 64 + ".jpg"])
def test_a_path_that_names_no_digest_leads_nowhere(door: str, digest: str) -> None:
    filed = _filed(door, jpeg(shade=9))

    assert ask(door, "GET", _path(filed, digest), headers={UNIT_HEADER: UNIT}).status in {404, 422}


async def test_a_full_agency_is_told_so_and_other_agencies_have_their_room(hub: Hub) -> None:
    """One agency's flood of photographs must not cost the others theirs, and never a report."""
    hoards, shares = "kl-h-yen-the/tram-xuan-luong", "bp-d-dak-wil/tram-kiem-soat"  # no other test sends any of theirs
    door = await hub.serve("intake", unit_header=UNIT_HEADER, attachments_mb="1")
    photos = [jpeg(640, 480, *[segment(0xDB, bytes(60_000))] * 10, shade=40 + number) for number in range(3)]
    filed = await asyncio.to_thread(_filed, door, *photos, unit=hoards)

    first = await asyncio.to_thread(_put, door, filed, photos[0], unit=hoards)
    second = await asyncio.to_thread(_put, door, filed, photos[1], unit=hoards)
    other = await asyncio.to_thread(_filed, door, photos[2], unit=shares)
    third = await asyncio.to_thread(_put, door, other, photos[2], unit=shares)

    assert (first.status, third.status) == (201, 201)
    refused(second, 507, "attachment.quota")
    assert (await asyncio.to_thread(put, door, report(), unit=hoards)).status == 201


async def _stored(server: NatsServer, digest: str) -> bytes | None:
    async with connection(server.url) as client:
        return await read_object(client, UNIT.split("/")[0], digest)
