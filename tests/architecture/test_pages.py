"""What pages are made of keeps what browsers are told: nothing from elsewhere, nothing inline, short modules."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
LINES_PER_FILE: Final = 250
KINDS: Final = {".html", ".js", ".css", ".svg", ".webmanifest", ".json"}
NAMESPACES: Final = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
"""Names, not addresses: nothing is fetched there."""
_ELSEWHERE: Final = re.compile(r"(?:https?:|[\"'(])//[\w.-]+")
_OFFENCES: Final = {
    ".html": {
        "a script of its own": re.compile(r"<script(?![^>]*\bsrc=)"),
        "a style of its own": re.compile(r"<style|\sstyle="),
        "a handler of its own": re.compile(r"<[^>]*\son\w+="),
        "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\("),
    },
    ".js": {
        "code made from text": re.compile(r"\beval\(|new Function\(|document\.write\(|javascript:"),
        "a style of its own": re.compile(r"setAttribute\(\s*[\"']style"),
    },
}


def pages(root: Path) -> Iterator[Path]:
    """Everything a browser gets, and the templates it is made from."""
    folders = (*(root / "services").glob("*/pages"), root / "services" / "runtime" / "web")
    for folder in folders:
        for place in ("templates", "static"):
            yield from (path for path in sorted((folder / place).rglob("*")) if path.suffix in KINDS)


def problems(path: Path) -> Iterator[str]:
    """What one file must not hold."""
    text = path.read_text(encoding="utf-8")
    for name in NAMESPACES:
        text = text.replace(name, "")
    if path.suffix == ".js" and len(text.splitlines()) > LINES_PER_FILE:
        yield f"has more than {LINES_PER_FILE} lines"
    if found := _ELSEWHERE.search(text):
        yield f"names something elsewhere: {found[0]}"
    yield from (f"has {what}" for what, pattern in _OFFENCES.get(path.suffix, {}).items() if pattern.search(text))


@pytest.mark.parametrize("path", list(pages(ROOT)), ids=lambda path: str(path.relative_to(ROOT / "services")))
def test_a_page_asks_nobody_else_and_runs_nothing_inline(path: Path) -> None:
    """Fails when a page would need the internet, or an exception to its own policy."""
    assert not list(problems(path))


def test_the_pages_of_every_section_are_seen() -> None:
    seen = {path.relative_to(ROOT / "services").parts[0] for path in pages(ROOT)}
    assert {"runtime", "stack", "desk", "intake", "audit"} <= seen


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", "<script>alert(1)</script>"),
        ("a.html", '<p style="color: red">'),
        ("a.html", '<button onclick="go()">'),
        ("a.html", "{{ headline|safe }}"),
        ("a.html", '<link href="https://cdn.example/x.css">'),
        ("a.js", 'import x from "//cdn.example/x.js";'),
        ("a.js", "eval(text)"),
        ("a.js", "// line\n" * 251),
        ("a.css", "@import url(//fonts.example/x.css);"),
    ],
)
def test_an_offence_is_seen(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert list(problems(tmp_path / name))


def test_the_innocent_are_left_alone(tmp_path: Path) -> None:
    for name, text in (
        (
            "a.html",
            '<script type="module" src="{{ static("a.js") }}"></script> <svg xmlns="http://www.w3.org/2000/svg">',
        ),
        ("a.js", "// a comment // with slashes\nconst half = a / b;"),
        ("a.css", ".a { color: var(--ink); }"),
    ):
        (tmp_path / name).write_text(text)
        assert not list(problems(tmp_path / name))
