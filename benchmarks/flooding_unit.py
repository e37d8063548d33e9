"""A hostile unit as a process of its own: while it is told to, it sends as fast as its connection takes, or at a pace.

`python -m benchmarks.flooding_unit URL KEY_FILE AGENCY/UNIT PACE`, then `go` and `stop` on standard input.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from nats.errors import Error as NatsError

from benchmarks.flooding_reports import Reports
from contracts import subjects
from services.runtime.jetstream import BusUnavailableError
from services.runtime.sending import connection

BETWEEN_TRIES: Final = 0.05
"""Seconds until it connects anew."""
AT_ONCE: Final = 200
"""Between two looks at whether it is to stop."""


async def flood(url: str, key: Path, agency: str, unit: str, pace: int) -> None:
    """Sends while told to, and says how much it sent when it stops. Whenever it is cut off it connects anew at once."""
    going, ended, sent = asyncio.Event(), asyncio.Event(), 0

    async def obey() -> None:
        loop = asyncio.get_running_loop()
        while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
            (going.set if word == "go" else going.clear)()
            if word == "stop":
                sys.stdout.write(f"{sent}\n")
                sys.stdout.flush()
        ended.set()
        going.set()

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    subject, reports = subjects.report_inbox(agency, unit), Reports()
    told = asyncio.create_task(obey())
    at_once = max(1, pace // 10) if pace else AT_ONCE
    while not ended.is_set():
        await going.wait()
        with suppress(NatsError, OSError, BusUnavailableError):
            async with connection(url, key) as client:
                while going.is_set() and not ended.is_set() and client.is_connected:
                    for _ in range(at_once):
                        await client.publish(subject, reports.fresh())
                    await client.flush(1)
                    sent += at_once
                    await asyncio.sleep(0.1 if pace else 0)
        await asyncio.sleep(BETWEEN_TRIES)
    await told


def main() -> None:
    """Parses the command line."""
    url, key, name, pace = sys.argv[1:]
    agency, unit = name.split("/")
    asyncio.run(flood(url, Path(key), agency, unit, int(pace)))


if __name__ == "__main__":
    main()
