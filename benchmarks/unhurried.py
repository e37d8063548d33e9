"""The reference regulations with hours where they give minutes: nothing falls due during a measurement.

No desk answers a benchmark. What silence sets off (repetitions, the superior, the agency above) is several facts more
for each dispatch, minutes after it: in a later round they would be counted as the cost of other reports. What they
cost by themselves is measured by `deadlines`.
"""

import re
import shutil
from pathlib import Path
from typing import Final

_MINUTES: Final = re.compile(r"\bPT([0-9]+)M\b")


def unhurried(reference: Path, folder: Path) -> Path:
    """A copy of it, in a folder that is not there yet, in which minutes are hours."""
    shutil.copytree(reference, folder)
    for rules in sorted((folder / "regulations").glob("*.yaml")):
        rules.write_text(patient(rules.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def patient(rules: str) -> str:
    """The same text with `PT5H` where `PT5M` was."""
    return _MINUTES.sub(r"PT\1H", rules)
