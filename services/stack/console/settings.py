"""What the operators' process is told from outside."""

from pathlib import Path
from typing import Final

from pydantic import Field

import contracts
from services.runtime.web.settings import WebSettings
from services.stack.settings import StackSettings

_ONE: Final = r"[a-z]+=https?://[a-z0-9.:\[\]-]+"


class ConsoleSettings(StackSettings, WebSettings):
    """The stack's settings and those of a process with pages."""

    watched: str = Field(default="", pattern=rf"^({_ONE}(,{_ONE})*)?$")
    """Where services answer that no local stack runs: `intake=http://127.0.0.1:8461,…`; `/readyz` is asked there."""
    published: Path = Path(contracts.__file__).parent / "published"
    """Folder of the published interface descriptions."""

    @property
    def watched_services(self) -> dict[str, str]:
        """Name -> origin."""
        return dict(one.split("=", 1) for one in self.watched.split(",") if one)
