"""Edited copies of the reference set, and the people who put them in force."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from contracts.activation import Approver
from services.routing.in_force.activating import Asked
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.findings import Finding
from services.routing.regulations.rules.model import RegulationSet
from tests.integration.http.hub import REFERENCE

LEGAL: Final = Approver(role="phap-che", agency="ubnd-t-hue")
CHIEF: Final = Approver(role="chanh-van-phong", agency="ubnd-t-hue")
VERSION: Final = "reference-2026-11-22-2"
REGISTER_VERSION: Final = "reference-2026-11-22"
SHORTER: Final = ("00-set.yaml", "khan: PT30M", "khan: PT29M")
"""A minute less for every desk that has the set's default time and a report marked urgent: a named case fails."""
RENAMED: Final = ("00-set.yaml", "label_en: Reference example", "label_en: Another example")
"""Another text that decides the same."""


def draft(folder: Path, version: str, *edits: tuple[str, str, str]) -> Path:
    """The reference set under another version with texts of its files replaced, and its cases."""
    shutil.copytree(REFERENCE / "regulations", folder / "regulations")
    shutil.copy(REFERENCE / "cases.yaml", folder / "cases.yaml")
    for file, old, new in (("00-set.yaml", f"version: {VERSION}", f"version: {version}"), *edits):
        path = folder / "regulations" / file
        text, count = re.subn(re.escape(old), new, path.read_text(encoding="utf-8"), count=1)
        assert count == 1, (file, old)
        path.write_text(text, encoding="utf-8")
    return folder / "regulations"


def _unproved(_set: RegulationSet, _register: RegisterIndex) -> Iterable[Finding]:
    return ()


def asked(by: Approver, cases: Path = REFERENCE / "cases.yaml") -> Asked:
    """Without the proof, which takes long and has tests of its own."""
    return Asked(by, cases, _unproved)
