"""Tells what nats-server itself says of a message that was handled and gone from messages that are really parked. Pure.

A message of a work queue is removed when it is acknowledged. Where the leader of its consumer ends at that moment, the
next one may know that it was handed out and not that it was acknowledged: it finds it gone, calls it terminated,
and the advisory lands in PARKED. Nothing is missing: whoever sent it has the receipt, which the checker looks at.
"""

import json
from collections.abc import Sequence
from typing import Final

from tests.system.evidence import Parked

WORK_QUEUES: Final = ("INBOX", "SEALED")
ADVISORY: Final = "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED."
GONE: Final = "Unacknowledged message was deleted"


def told_apart(parked: Sequence[Parked]) -> tuple[list[Parked], int]:
    """What was really parked, and how many complaints of that kind there are."""
    real = [one for one in parked if not _is_complaint(one)]
    return real, len(parked) - len(real)


def _is_complaint(one: Parked) -> bool:
    if not any(one.subject.startswith(f"{ADVISORY}{stream}.") for stream in WORK_QUEUES):
        return False
    try:
        return bool(json.loads(one.body)["reason"] == GONE)
    except (ValueError, KeyError, TypeError):
        return False
