"""One of the processes that `sharing` starts: checks one stretch in the snapshot it is told of, and says what it found.

It starts anew for every verification, so it imports nothing that checking does not need. What goes wrong ends it: who
started it checks the stretch instead.
"""

import asyncio
import json
import sys
from typing import Final

from services.audit.connecting import connect
from services.audit.recomputing.stretches import Stretch, check
from services.audit.roles import READER

_STEP: Final = 5_000
"""Entries between two lines about progress."""


async def _help(task: str) -> None:
    dsn, shared, *bounds = json.loads(task)
    told = 0

    def tell(entries: int) -> None:
        nonlocal told
        if entries >= told + _STEP:
            told = entries
            _say(str(entries))

    connection = await connect(dsn, READER)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(f"SET TRANSACTION SNAPSHOT '{shared}'")  # no parameter may stand here
            _say((await check(connection, Stretch(*bounds), tell)).to_json())
    finally:
        connection.terminate()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_help(sys.stdin.readline()))
