"""The moderator of `phoihop up` as a process of its own, beside a server that a benchmark started.

`python -m benchmarks.flooding_watch HOME PID`, until it is ended.
"""

import asyncio
import sys
from pathlib import Path

from services.stack.identity.keeping import Keeping
from services.stack.identity.moderating import Moderator


def main() -> None:
    """Parses the command line."""
    home, pid = Path(sys.argv[1]), int(sys.argv[2])
    asyncio.run(Moderator(Keeping(home), home / "nats", lambda: pid).run())


if __name__ == "__main__":
    main()
