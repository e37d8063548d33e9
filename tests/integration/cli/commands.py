"""Runs `phoihop` as typed, in this process, and keeps what it printed where."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from services.cli import app


@dataclass(frozen=True, slots=True)
class Ran:
    """Exit code and output of one command."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, which must be exactly one JSON document in one line."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


def run(*arguments: object) -> Ran:
    """Runs the command; an exception that is no exit is a failure of the test."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def written(folder: Path, body: dict[str, Any]) -> Path:
    """A report as a file, named by its id."""
    file = folder / f"{body['report']}.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    return file
