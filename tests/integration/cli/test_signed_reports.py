"""Signed reports through a real server: signed here, carried by somebody else, forged, and keys that have ended."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.events import ReportAccepted
from contracts.identity import Identity, unit
from contracts.signatures import signed_text
from services.runtime.sending import connection
from services.runtime.signing import is_signed, sign
from services.stack.identity.keeping import Keeping
from services.stack.identity.telling import record
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, UNIT_HEADER, put, report


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The keys of two units, which the hub has on record."""

    hub: Hub
    keeping: Keeping

    def key(self, named: str) -> Path:
        return self.keeping.seed_file(who(named))

    async def tell(self) -> None:
        """The hub's record of identities goes on."""
        async with connection(self.hub.nats.url) as client:
            await record(client, self.keeping)

    def recorded(self, body: dict[str, Any]) -> ReportAccepted | None:
        """The same from outside a loop, as commands run."""
        return asyncio.run(self.found(body))

    async def found(self, body: dict[str, Any]) -> ReportAccepted | None:
        """The fact of one report."""
        facts = await self.hub.facts(subjects.facts(Space.EXERCISE))
        found = [read(one.body).data for one in facts if one.subject.endswith(f".{body['report']}")]
        return found[0] if found and isinstance(found[0], ReportAccepted) else None


def who(named: str) -> Identity:
    return unit(*named.split("/"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def enrolled(hub: Hub) -> AsyncIterator[Enrolled]:
    made = Enrolled(hub, Keeping(hub.folder / "operator"))
    made.keeping.complete((who(UNIT), who(OTHER_UNIT)))
    await made.tell()
    yield made


def proved(fact: ReportAccepted) -> bool:
    """As anybody could years later, with nothing but the fact."""
    assert fact.signature is not None
    assert fact.signature.value is not None
    assert fact.original.content is not None
    value = base64.b64decode(fact.signature.value)
    return is_signed(fact.signature.key, signed_text(fact.original.content)[1], value)


def codes(ran: Any) -> list[str]:
    return [error["code"] for one in ran.document for error in one["errors"]]


def test_a_report_that_its_unit_signs_is_recorded_with_its_signature(
    phoihop: Phoihop, enrolled: Enrolled, tmp_path: Path
) -> None:
    body = report()

    ran = phoihop("report", written(tmp_path, body), "--as", UNIT, "--sign", "--key", enrolled.key(UNIT), "--json")
    fact = enrolled.recorded(body)

    assert (ran.code, ran.document[0]["outcome"]) == (0, "accepted")
    assert fact is not None
    assert fact.signature is not None
    assert fact.signature.by == fact.sender
    assert proved(fact)


def test_a_report_without_a_signature_is_accepted_as_ever(phoihop: Phoihop, enrolled: Enrolled, tmp_path: Path) -> None:
    body = report()

    ran = phoihop("report", written(tmp_path, body), "--as", UNIT, "--json")
    fact = enrolled.recorded(body)

    assert ran.document[0]["outcome"] == "accepted"
    assert fact is not None
    assert fact.signature is None


def test_another_unit_carries_what_one_without_a_line_signed(
    phoihop: Phoihop, enrolled: Enrolled, tmp_path: Path
) -> None:
    """The carrier is the sender, as the server authenticated it; the signature proves whose report it is."""
    agency, point = OTHER_UNIT.split("/")
    body = report(sender={"agency": agency, "unit": point})
    file = written(tmp_path, body)

    made = phoihop("report", "sign", file, "--key", enrolled.key(OTHER_UNIT), "--json")
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")), indent=2, ensure_ascii=False), encoding="utf-8")
    ran = phoihop("report", file, "--as", UNIT, "--signed", "--json")
    fact = enrolled.recorded(body)

    assert made.document == [{"file": str(file), "signature": f"{file}.sig"}]
    assert ran.document[0]["outcome"] == "accepted"
    assert fact is not None
    assert fact.signature is not None
    assert (fact.sender.agency, fact.sender.unit) == tuple(UNIT.split("/"))
    assert (fact.signature.by.agency, fact.signature.by.unit) == (agency, point)
    assert proved(fact)


def test_a_report_that_was_altered_on_its_way_is_refused(phoihop: Phoihop, enrolled: Enrolled, tmp_path: Path) -> None:
    body = report()
    file = written(tmp_path, body)
    phoihop("report", "sign", file, "--key", enrolled.key(OTHER_UNIT))
    written(tmp_path, body | {"headline": "Không có gì"})

    ran = phoihop("report", file, "--as", UNIT, "--signed", "--json")

    assert (ran.code, codes(ran)) == (2, ["signature.invalid"])
    assert enrolled.recorded(body) is None


def test_a_signed_report_waits_in_the_outbox_with_its_signature(
    offline: Phoihop, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body, box = report(), tmp_path / "outbox.db"
    file = written(tmp_path, body)
    options = ("--as", UNIT, "--sign", "--key", enrolled.key(UNIT), "--outbox", box, "--json")

    queued = offline("report", file, *options)
    monkeypatch.setenv("PHOIHOP_NATS_URL", enrolled.hub.nats.url)
    sent = offline("report", "--outbox", box, "--flush", "--json")
    fact = enrolled.recorded(body)

    assert (queued.document[0]["outcome"], sent.document[0]["outcome"]) == ("queued", "accepted")
    assert fact is not None
    assert proved(fact)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_http_door_takes_a_signature_in_two_headers(enrolled: Enrolled) -> None:
    door = await enrolled.hub.serve("intake", unit_header=UNIT_HEADER)
    good, bad, half = report(), report(), report()
    signature = sign(json.dumps(good).encode(), enrolled.key(UNIT))
    only = {"Phoihop-Signer": signature.signer}
    odd = {"Phoihop-Signer": "\xff" * 500, "Phoihop-Signature": ""}

    accepted = put(door, good, headers=signature.headers)
    refused = put(door, bad, headers=signature.headers)

    assert accepted.status == 201
    assert (refused.status, refused.codes) == (422, ["signature.invalid"])
    assert put(door, half, headers=only).codes == ["signature.malformed"]
    assert put(door, half, headers=odd).codes == ["signature.malformed"]
    fact = await enrolled.found(good)
    assert fact is not None
    assert proved(fact)


def test_a_key_counts_from_its_record_and_ends_with_its_revocation(
    phoihop: Phoihop, enrolled: Enrolled, tmp_path: Path
) -> None:
    """Breaks if intake went by what it read when it started: a key that is revoked must sign nothing from then on."""
    old, kept = enrolled.key(OTHER_UNIT), tmp_path / "old.nk"
    kept.write_bytes(old.read_bytes())
    kept.chmod(0o600)
    sent = ("--as", OTHER_UNIT, "--json", "--sign", "--key")
    enrolled.keeping.rotate(who(OTHER_UNIT))

    before = phoihop("report", written(tmp_path, report()), *sent, enrolled.key(OTHER_UNIT))
    asyncio.run(enrolled.tell())
    after = phoihop("report", written(tmp_path, report()), *sent, enrolled.key(OTHER_UNIT))
    with_old = phoihop("report", written(tmp_path, report()), *sent, kept)

    assert codes(before) == ["signature.unknown_key"]
    assert after.document[0]["outcome"] == "accepted"
    assert codes(with_old) == ["signature.unknown_key"]


@pytest.mark.parametrize("option", [("--sign",), ("--signed",), ("--sign", "--signed")])
def test_without_key_or_signature_nothing_is_sent(phoihop: Phoihop, tmp_path: Path, option: Any) -> None:
    ran = phoihop("report", written(tmp_path, report()), "--as", UNIT, *option)

    assert ran.code == 2
    assert ran.out == ""


def test_without_a_key_no_file_is_signed(phoihop: Phoihop, tmp_path: Path) -> None:
    file = written(tmp_path, report())
    open_to_others = tmp_path / "key.nk"
    open_to_others.write_text("SUAAA\n")
    open_to_others.chmod(0o644)

    ran = [phoihop("report", "sign", *rest) for rest in ((file,), ("--key", open_to_others), (tmp_path / "none",))]
    ran.append(phoihop("report", "sign", file, "--key", open_to_others))

    assert [one.code for one in ran] == [2] * 4
    assert not file.with_name(f"{file.name}.sig").exists()
