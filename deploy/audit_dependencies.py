"""Asks the package registry whether a locked dependency has a known vulnerability. It changes nothing here.

pip-audit does the asking, from an environment of its own, so that nothing of it gets into the lock. A registry that
knows no vulnerabilities (many mirrors) cannot answer: that is said, and is no failure, for nobody here can mend it.
"""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

LOCK: Final = Path(__file__).resolve().parent / "requirements-test.txt"  # holds what is shipped too
TOOL: Final = "pip-audit==2.10.1"
IGNORED: Final[dict[str, str]] = {}  # id of a vulnerability -> why it cannot reach us, and since when we think so


def findings(dependencies: Iterable[Mapping[str, Any]], ignored: Mapping[str, str]) -> list[str]:
    """Each known vulnerability that nobody has ruled out, with the version that mends it."""
    return [
        f"{one['name']} {one['version']}: {known['id']}; mended in {', '.join(known['fix_versions']) or 'none yet'}"
        for one in dependencies
        for known in one.get("vulns", ())
        if ignored.keys().isdisjoint({known["id"], *known.get("aliases", ())})
    ]


def verdict(dependencies: list[Mapping[str, Any]], ignored: Mapping[str, str]) -> tuple[int, list[str]]:
    """Exit code and what to print. What the registry was not able to tell is counted, never passed over."""
    found = findings(dependencies, ignored)
    unknown = [one["name"] for one in dependencies if "skip_reason" in one]
    if len(unknown) == len(dependencies):
        return 0, ["NOT AUDITED: this registry tells of no vulnerabilities. Run this where pypi.org itself answers."]
    told = f"{len(dependencies) - len(unknown)} packages audited, {len(found)} known vulnerabilities"
    return int(bool(found)), [*found, f"NOT AUDITED: {', '.join(unknown)}", told] if unknown else [*found, told]


def asked() -> list[Mapping[str, Any]]:
    """What pip-audit says of each locked version; empty where it could not ask at all."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TOOL]
        subprocess.run(install, check=True)
        ask = [str(python), "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"]
        options = ["--format", "json", "--progress-spinner", "off", "--timeout", "15"]
        answer = subprocess.run([*ask, *options], check=False, capture_output=True, text=True)
    try:
        return list(json.loads(answer.stdout)["dependencies"])
    except ValueError:
        print(answer.stderr[-2000:], file=sys.stderr)
        return []


def main() -> int:
    """Print the verdict; 1 when there is a known vulnerability."""
    code, lines = verdict(asked(), IGNORED)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
