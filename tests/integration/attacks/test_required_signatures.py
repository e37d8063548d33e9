"""Where signatures are required, a line alone reports nothing for a unit that has a key; and a refused key is said."""

import json
from pathlib import Path

import pytest

from contracts.envelope import read
from contracts.events import ReportAccepted, ReportRejected
from contracts.identity import unit
from contracts.subjects import ALL_REPORTS
from services.intake.cli import _exit_code
from services.intake.signing_files import Signing
from services.intake.submitting import Signed, submit
from services.runtime.sending import connection
from services.runtime.terminal import Exit
from services.stack.identity.keeping import Keeping
from services.stack.identity.telling import record
from tests.integration.attacks.arena import UNIT as PARTY
from tests.integration.attacks.arena import Arena
from tests.integration.attacks.test_strangers import _fresh_seed
from tests.integration.http.hub import running_hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, report

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _file(folder: Path, **changes: object) -> str:
    body = report(status="Actual", **changes)
    (path := folder / f"{body['report']}.json").write_text(json.dumps(body), encoding="utf-8")
    return str(path)


@pytest.mark.timeout(120)
async def test_only_a_signed_report_of_a_unit_with_a_key_is_accepted_where_that_is_required(
    server_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compromised service that may hand in as any unit could otherwise report in the name of each of them."""
    async with running_hub(server_folder) as hub:
        keeping = Keeping(hub.folder / "operator")
        keeping.complete((unit(*UNIT.split("/")),))
        async with connection(hub.nats.url) as client:
            await record(client, keeping)
        await hub.serve("intake", signatures="required")
        monkeypatch.setenv("PHOIHOP_NATS_URL", hub.nats.url)
        key = keeping.seed_file(unit(*UNIT.split("/")))

        [unsigned] = await submit([_file(tmp_path)], UNIT, None, flush=False)
        [signed] = await submit([_file(tmp_path)], UNIT, None, Signed(Signing.HERE, key), flush=False)
        [keyless] = await submit([_file(tmp_path)], OTHER_UNIT, None, flush=False)

        assert (unsigned.outcome, [one.code.value for one in unsigned.problems]) == ("rejected", ["signature.missing"])
        assert signed.outcome == keyless.outcome == "accepted"
        facts = [read(one.body).data for one in await hub.facts(ALL_REPORTS)]
        assert [type(one) for one in facts] == [ReportRejected, ReportAccepted, ReportAccepted]


async def test_a_unit_whose_key_is_refused_is_told_so_and_not_that_the_server_is_away(
    arena: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told 'unreachable', it would wait for a server that is there, and nobody would look at its key."""
    monkeypatch.setenv("PHOIHOP_NATS_URL", arena.server.url)
    monkeypatch.setenv("PHOIHOP_NATS_CREDS", str(_fresh_seed(arena, tmp_path / "other.nk")))
    who = f"{PARTY.agency}/{PARTY.point}"

    [line] = await submit([_file(tmp_path)], who, None, flush=False)

    assert line.outcome == "not_admitted"
    assert _exit_code([{"outcome": line.outcome}]) is Exit.UNREACHABLE
