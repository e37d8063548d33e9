"""Attacks that are one message or one subscription: the server refuses each, and nothing changes."""

import pytest

from tests.integration.attacks.arena import OTHER_DESK, ROUTING, Arena, dispatch_to
from tests.integration.attacks.table import ATTACKS, Attack

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
async def test_the_server_refuses(arena: Arena, attack: Attack) -> None:
    """Every row of the table says what would break; here nothing does, and the refusal is said to the attacker."""
    await refused(arena, attack)


async def refused(arena: Arena, attack: Attack) -> None:
    """Tries it, and looks at everything that it could have changed."""
    before = await arena.world()
    subject = attack.subject if isinstance(attack.subject, str) else attack.subject(arena)
    line = await arena.line(attack.who)
    await line.hear(inbox := line.client.new_inbox())

    if attack.verb == "subscribe":
        await line.hear(subject)
        await line.settled()
        await _something_happens(arena)
    else:
        await line.client.publish(subject, attack.body, reply=inbox)
    await line.settled()

    assert [message.data for message in line.heard] == [], attack.breaks
    assert bool(line.violations) is attack.refused, attack.breaks
    if attack.verb == "publish":
        assert await arena.world() == before, attack.breaks


async def _something_happens(arena: Arena) -> None:
    """What a listener would hear: a receipt, a heartbeat, a submission, an answer."""
    routing = await arena.line(ROUTING)
    await routing.client.publish("receipt.beta.u2", b"secret")
    await routing.client.publish("receipt.alpha.x1", b"secret")
    await routing.client.request("$JS.API.STREAM.INFO.EVENTS", b"")
    desk = await arena.line(OTHER_DESK)
    await desk.client.publish("heartbeat.actual.beta.d2", b"")
    await desk.client.request(f"$JS.API.CONSUMER.INFO.EVENTS.{desk_durable()}", b"")
    await desk.settled()
    await routing.settled()


def desk_durable() -> str:
    """The durable of the other desk, whose dispatch nobody else may see."""
    return f"desk_actual_{'_'.join(dispatch_to(OTHER_DESK).split('.')[-2:])}"
