"""Reports as units send them, each under an id of its own, made so fast that sending is what takes the time."""

import json
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

_ID: Final = "REPORT-ID"


class Reports:
    """One unit's supply."""

    def __init__(self) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        text = {
            "type": "incident",
            "report": _ID,
            "status": "Actual",
            "sent": at,
            "observed_at": at,
            "category": "NAT-SLIDE",
            "headline": "Sạt lở tại bản Xuân Lương (đo tốc độ)",
        }
        self._before, _, self._after = json.dumps(text, ensure_ascii=False).encode().partition(_ID.encode())

    def fresh(self) -> bytes:
        """A report that nobody sent before."""
        return self._before + str(_version_7(uuid4())).encode() + self._after


def _version_7(made: UUID) -> UUID:
    """The same bits under the version that reports carry."""
    return UUID(int=made.int & ~(0xF << 76) | 0x7 << 76)
