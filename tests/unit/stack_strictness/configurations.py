"""The configuration that our own scheme makes, and copies of it with one fault each."""

from contracts.identity import desk, unit
from services.stack.identity.conf import rendered
from services.stack.identity.enrolment import hub
from services.stack.identity.scheme import scheme

UNIT, DESK = unit("ranger", "post"), desk("ubnd", "truc-ban")
_IDENTITIES = sorted({*hub(), UNIT, DESK}, key=lambda who: who.name)
KEYS = {who: f"U{number:055d}" for number, who in enumerate(_IDENTITIES)}
"""No true keys, but of their shape."""

SERVER = """\
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
max_payload: 256KB
jetstream {
  store_dir: "/var/lib/phoihop/nats"
  sync_interval: always
}
"""


def strict_text() -> str:
    """What a hub's configuration says when nobody has touched it."""
    return SERVER + rendered(scheme(KEYS))


def with_fault(old: str, new: str) -> str:
    """The same with one thing changed."""
    text = strict_text()
    if text.count(old) < 1:
        raise AssertionError(f"{old!r} is not in the configuration, so changing it would prove nothing")
    return text.replace(old, new, 1)
