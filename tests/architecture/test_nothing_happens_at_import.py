"""Importing any module opens nothing, starts nothing and writes nothing; otherwise a test or tool that merely looks at
the code would already have connected, and settings would be read before they are checked.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.architecture.census import PRODUCT, modules

ROOT: Final = Path(__file__).resolve().parents[2]
SCRIPTS: Final = {"__main__.py", "env.py"}  # run, never imported: `python -m`, and Alembic's own entry
WATCH: Final = """
import importlib, sys

FORBIDDEN = {"socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.fork",
             "os.exec", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename", "os.putenv", "_thread.start_new_thread"}

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if event in FORBIDDEN or writes:
        raise SystemExit(f"{importing}: {event} {arguments}")

importing = ""
sys.addaudithook(watch)
for importing in sys.argv[1:]:
    importlib.import_module(importing)
print(len(sys.argv) - 1)
"""


def import_watched(root: Path, names: list[str]) -> subprocess.CompletedProcess[str]:
    """Import these modules in a fresh Python that ends at the first effect."""
    program = f"import sys\nsys.path.insert(0, {str(root)!r})\n{WATCH}"
    command = [sys.executable, "-B", "-c", program, *names]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_importing_the_product_has_no_effect() -> None:
    paths = [module.path for module in modules(ROOT, PRODUCT) if module.path.name not in SCRIPTS]
    result = import_watched(ROOT, [".".join(path.with_suffix("").parts) for path in paths])
    assert result.returncode == 0, result.stdout + result.stderr
    assert int(result.stdout) > len(PRODUCT)


def test_an_effect_at_import_is_seen(tmp_path: Path) -> None:
    offences = {
        "connects": "import socket\nsocket.socket().connect(('127.0.0.1', 9))",
        "starts": "import subprocess\nsubprocess.run(['true'])",
        "writes": f"open({str(tmp_path / 'x')!r}, 'w')",
    }
    for name, source in offences.items():
        (tmp_path / f"offence_{name}.py").write_text(source)
        result = import_watched(tmp_path, [f"offence_{name}"])
        assert result.returncode == 1
        assert f"offence_{name}: " in result.stderr
