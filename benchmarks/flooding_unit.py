"""A hostile unit as a process of its own: while it is told to, it sends as fast as its connection takes.

`python -m benchmarks.flooding_unit URL KEY_FILE AGENCY/UNIT`, then `go` and `stop` on standard input.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from nats.errors import Error as NatsError

from benchmarks.flooding_reports import Reports
from contracts import subjects
from services.runtime.sending import connection

AT_ONCE: Final = 200
"""Between two looks at whether it is to stop."""


async def flood(url: str, key: Path, agency: str, unit: str) -> None:
    """Sends while told to, and says how much it sent when it stops."""
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

    subject, reports = subjects.report_inbox(agency, unit), Reports()
    told = asyncio.create_task(obey())
    async with connection(url, key, patient=True) as client:
        while not ended.is_set():
            await going.wait()
            with suppress(NatsError, OSError):
                for _ in range(AT_ONCE):
                    await client.publish(subject, reports.fresh())
                await client.flush()
            sent += AT_ONCE
    await told


def main() -> None:
    """Parses the command line."""
    url, key, name = sys.argv[1:]
    agency, unit = name.split("/")
    asyncio.run(flood(url, Path(key), agency, unit))


if __name__ == "__main__":
    main()
