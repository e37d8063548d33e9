"""Writes the lock (uv.lock) and its pip form with hashes, or with --check says whether they still match pyproject.toml.

It does not install anything: `deploy/run` does, from what this script wrote.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
EXPORTS: Final = {"requirements.txt": ["embedded"], "requirements-test.txt": ["embedded", "test"]}
HEADER: Final = "# Written by deploy/lock.py from uv.lock, for pip --require-hashes. Do not edit.\n"


def main(arguments: list[str]) -> int:
    """Write the lock, or compare it; 1 means that it has drifted."""
    check = "--check" in arguments
    if uv("lock", *(["--check"] if check else [])).returncode:
        print("uv.lock does not match pyproject.toml: run .venv/bin/python deploy/lock.py", file=sys.stderr)
        return 1
    drifted = [name for name, extras in EXPORTS.items() if differs(ROOT / "deploy" / name, export(extras), check=check)]
    for name in drifted if check else []:
        print(f"deploy/{name} does not match uv.lock: run .venv/bin/python deploy/lock.py", file=sys.stderr)
    return int(check and bool(drifted))


def export(extras: list[str]) -> str:
    """The pip form of the lock for these extras: exact versions, all hashes, no project line."""
    chosen = [argument for extra in extras for argument in ("--extra", extra)]
    result = uv("export", "--locked", "--no-header", "--no-annotate", "--no-emit-project", *chosen)
    result.check_returncode()
    return HEADER + result.stdout


def differs(path: Path, text: str, *, check: bool) -> bool:
    """Whether the file says something else; unless only checking, it does no longer."""
    changed = not path.exists() or path.read_text(encoding="utf-8") != text
    if changed and not check:
        path.write_text(text, encoding="utf-8")
    return changed


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the locked uv without any user's own configuration, which could name another index."""
    program = str(Path(sys.executable).with_name("uv"))
    command = [program, *arguments, "--quiet", "--no-config", "--python", sys.executable]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
