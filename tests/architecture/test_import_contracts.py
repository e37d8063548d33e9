"""The contracts of .importlinter name modules that exist, and break when a small tree breaks them."""

import configparser
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.census import PRODUCT, modules

ROOT: Final = Path(__file__).resolve().parents[2]
SOUND: Final = {
    "contracts/events.py": "",
    "services/cli.py": "import services.stack.supervisor",
    "services/stack/supervisor.py": "import services.intake.app",
    "services/intake/app.py": "import services.intake.handlers\nimport services.intake.store",
    "services/intake/handlers.py": "import services.intake.acceptance\nimport services.runtime.broker",
    "services/intake/store.py": "import services.runtime.broker",
    "services/intake/acceptance.py": "import contracts.events",
    "services/routing/incident.py": "import contracts.events",
    "services/desk/board.py": "import contracts.events",
    "services/audit/tlog/merkle.py": "import hashlib",
    "services/audit/evidence/verify.py": "import hashlib",
    "services/runtime/broker.py": "import asyncio\nimport contracts.events",
}


def plant(root: Path, sources: dict[str, str]) -> None:
    """Lay out packages with these sources beside the project's own contracts."""
    shutil.copy(ROOT / ".importlinter", root)
    for name, source in sources.items():
        for package in list(Path(name).parents)[:-1]:
            (root / package).mkdir(parents=True, exist_ok=True)
            (root / package / "__init__.py").touch()
        (root / name).write_text(source)


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on that tree, and on no other that is installed."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"]
    environment = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)


def named_modules() -> Iterator[str]:
    """Every module of ours that a contract names, wildcards as written."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".importlinter")
    for section in settings.sections():
        for key in ("modules", "source_modules"):
            yield from settings.get(section, key, fallback="").split()


def test_a_sound_tree_keeps_every_contract(tmp_path: Path) -> None:
    plant(tmp_path, SOUND)
    result = lint(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("path", "source"),
    [
        pytest.param("services/helpers.py", "", id="a stray module straight under services"),
        pytest.param("services/desk/app.py", "import services.routing.incident", id="a service imports another"),
        pytest.param("services/runtime/health.py", "import services.intake.app", id="the runtime looks up"),
        pytest.param("services/routing/app.py", "import services.stack.supervisor", id="a service knows the stack"),
        pytest.param("contracts/streams.py", "import services.runtime.broker", id="contracts know a service"),
        pytest.param("contracts/streams.py", "import sqlalchemy", id="contracts import a framework"),
        pytest.param("services/routing/incident.py", "import asyncio", id="a pure module imports asyncio"),
        pytest.param("services/desk/board.py", "import services.runtime.broker", id="a pure module knows the rim"),
        pytest.param("services/intake/handlers.py", "import services.intake.store", id="a handler knows its store"),
        pytest.param(
            "services/audit/evidence/verify.py", "import services.audit.tlog.merkle", id="the verifier borrows"
        ),
    ],
)
def test_a_breach_breaks_the_build(tmp_path: Path, path: str, source: str) -> None:
    plant(tmp_path, SOUND | {path: source})
    result = lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 broken" in result.stdout or "BROKEN" in result.stdout


def test_every_module_a_contract_names_exists() -> None:
    """A contract over a renamed module is kept by nobody: wildcards match nothing in silence."""
    files = {".".join(module.path.with_suffix("").parts) for module in modules(ROOT, PRODUCT)}
    existing = files | {name.removesuffix(".__init__") for name in files}
    missing = [name for name in named_modules() if not any(fnmatchcase(module, name) for module in existing)]
    assert not missing
