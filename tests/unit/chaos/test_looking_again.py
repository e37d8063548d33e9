"""Evidence that could not be had at once is looked for again, with what was seen meanwhile."""

import pytest
from nats.aio.client import Client

from benchmarks.chaos import settling
from tests.system.checker import Flaw
from tests.system.desks import Desk
from tests.system.evidence import Evidence

SEEN = Evidence([], [], {}, [])


async def test_a_second_look_knows_the_desks_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken when desks that were emptied by a look that broke off are taken for desks that nothing ever reached."""
    client, looks = Client(), list[list[Desk]]()

    async def gather(client: Client, _dsn: str, desks: list[Desk]) -> Evidence:
        looks.append(list(desks))
        desks.append(Desk(client, "ub", f"d-{len(looks)}"))
        if len(looks) < settling.LOOKS:
            raise TimeoutError
        return SEEN

    monkeypatch.setattr(settling, "gather", gather)
    live, flaws = Desk(client, "ub", "live"), list[Flaw]()

    assert await settling.looked_at(client, "", [live], flaws) is SEEN
    assert [[desk.desk for desk in look] for look in looks] == [["live"], ["live", "d-1"], ["live", "d-1", "d-2"]]
    assert all(look[0] is live for look in looks)
    assert flaws == []


async def test_where_nobody_can_look_that_is_a_flaw(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gather(_client: Client, _dsn: str, _desks: list[Desk]) -> Evidence:
        raise TimeoutError("nobody answers")

    monkeypatch.setattr(settling, "gather", gather)
    flaws = list[Flaw]()

    assert await settling.looked_at(Client(), "", [], flaws) is None
    assert [one.kind for one in flaws] == ["system: cannot be looked at"]
