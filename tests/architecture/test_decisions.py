"""Decisions keep one form and are all listed, so that a reader finds why before changing what."""

import re
from pathlib import Path
from typing import Final

DECISIONS: Final = Path(__file__).resolve().parents[2] / "docs" / "decisions"
SECTIONS: Final = ["Context", "Decision", "Rejected alternatives", "Revisit when"]


def problems(folder: Path) -> list[str]:
    """What is wrong with the decisions of this folder."""
    index = (folder / "README.md").read_text(encoding="utf-8")
    found = []
    pages = sorted(folder.glob("[0-9]*.md"))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if re.findall(r"^## (.*)$", text, re.MULTILINE) != SECTIONS:
            found.append(f"{page.name}: its sections are not {SECTIONS}")
        if not text.startswith(f"# {page.name[:4]} "):
            found.append(f"{page.name}: its title does not start with its number")
        if page.name[:4] != "0000" and f"({page.name})" not in index:
            found.append(f"{page.name}: missing in the index")
    numbers = [page.name[:4] for page in pages]
    return found + [f"{number}: taken twice" for number in sorted(set(numbers)) if numbers.count(number) > 1]


def test_every_decision_has_its_form_and_its_line_in_the_index() -> None:
    assert not problems(DECISIONS)


def test_a_formless_decision_is_seen(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    (tmp_path / "0007-a.md").write_text("# Title\n\n## Context\n")
    (tmp_path / "0007-b.md").touch()
    assert len(problems(tmp_path)) == 7
