"""Refuses a dependency whose licence an Apache-2.0 project cannot ship beside: GPL, AGPL, SSPL and unknown ones.

It judges what is installed in the environment that runs it; weak copyleft passes only by name, with a reason.
"""

import json
import re
import subprocess
import sys
from typing import Final

REFUSED: Final = re.compile(r"(?i)GPL|GNU|SSPL|Server Side Public|BUSL|Business Source|Commons Clause|CC-BY-N|EUPL")
WEAK: Final = re.compile(r"(?i)LGPL|Lesser General Public|\bMPL|Mozilla Public|\bEPL|Eclipse Public|CDDL")
PERMISSIVE: Final = re.compile(r"(?i)Apache|\bMIT\b|BSD|\bISC|PSF|Python Software Foundation|PostgreSQL|CC0|Zlib|DFSG")
REVIEWED: Final = {  # weak copyleft, used unchanged as a separate package; LGPL: none so far
    "axe-playwright-python": "MPL-2.0 is axe itself: looks at pages in tests, is not shipped",
    "certifi": "MPL-2.0: a list of certificate authorities, only with the HTTP test client",
    "hypothesis": "MPL-2.0: runs tests, is not shipped",
    "pathspec": "MPL-2.0: runs with mypy, is not shipped",
}
KNOWN: Final = {  # packages whose metadata names no licence, with what their licence files say
    "axe-playwright-python": "MIT AND MPL-2.0",
}


def verdict(name: str, licence: str) -> str | None:
    """Why this package is refused, or None.

    `A OR B` is our choice, so one good alternative is enough; `A AND B` and a list of classifiers bind together.
    """
    alternatives = [
        [clause_verdict(name, part) for part in re.split(r"\s+AND\s+|;", alternative)]
        for alternative in re.split(r"\s+OR\s+", KNOWN.get(name, licence))
    ]
    if any(not any(reasons) for reasons in alternatives):
        return None
    return "; ".join(reason for reasons in alternatives for reason in reasons if reason)


def clause_verdict(name: str, clause: str) -> str | None:
    """Judge a licence that is neither a choice nor a conjunction."""
    text = clause.strip(" ()")
    if WEAK.search(text):
        return None if name.lower() in REVIEWED else f"{text}: weak copyleft that nobody has reviewed (REVIEWED)"
    if REFUSED.search(text):
        return f"{text}: cannot be shipped with an Apache-2.0 project"
    return None if PERMISSIVE.search(text) else f"{text or 'nothing'}: not a licence this check knows (KNOWN)"


def installed() -> list[tuple[str, str]]:
    """Name and licence of every package in this environment but our own."""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"]
    listed = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return [(entry["Name"], entry["License"]) for entry in listed if entry["Name"] != "phoihop"]


def main() -> int:
    """Print each refusal; 1 when there is any."""
    packages = installed()
    findings = [f"{name}: {reason}" for name, licence in packages if (reason := verdict(name, licence))]
    print("\n".join(findings or [f"{len(packages)} packages, no refused licence"]))
    return int(bool(findings) or not packages)


if __name__ == "__main__":
    sys.exit(main())
