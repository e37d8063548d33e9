"""Collects the texts of every section's pages into its catalogues (vi.po, en.po), and checks that none is missing.

`python deploy/texts.py` writes; `--check` only says what is wrong. English is the message itself, so it is filled in.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parents[1]
SHELL: Final = ROOT / "services" / "runtime" / "web"
LANGUAGES: Final = ("vi", "en")
METHODS: Final = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "translatable": None}
OPTIONS: Final = {"**.html": {"newstyle_gettext": "true", "trimmed": "true"}}


def sections(root: Path = ROOT) -> dict[Path, Path]:
    """Folder with texts -> folder of its catalogues: the shell's, and one for each service that has pages."""
    pages = sorted((root / "services").glob("*/pages"))
    return {SHELL: SHELL / "locale"} | {folder.parent: folder / "locale" for folder in pages}


def messages(folder: Path) -> Catalog:
    """Every text that the templates and the Python below a folder mark."""
    catalogue = Catalog(fuzzy=False)
    found = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, comment_tags=("NOTE:",))
    for name, _line, message, comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        catalogue.add(message, None, [(name, 1)], auto_comments=comments, context=context)
    return catalogue


def problems(folder: Path, locale: Path) -> Iterator[str]:
    """What is missing from or left over in the catalogues of one section, a sentence each."""
    wanted = {message.id: message for message in messages(folder) if message.id}
    for language in LANGUAGES:
        path = locale / f"{language}.po"
        there = {message.id: message for message in _read(path, language) if message.id}
        for name in wanted.keys() - there.keys():
            yield f"{path}: {name!r} is missing; run python deploy/texts.py"
        for name in there.keys() - wanted.keys():
            yield f"{path}: {name!r} is used nowhere; run python deploy/texts.py"
        for name in wanted.keys() & there.keys():
            if not _complete(there[name]):
                yield f"{path}: {name!r} has no text"
            yield from (f"{path}: {name!r}: {error}" for error in there[name].check())


def write(folder: Path, locale: Path) -> None:
    """Brings both catalogues of a section up to date; texts that are there stay."""
    wanted = messages(folder)
    locale.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        path = locale / f"{language}.po"
        catalogue = _read(path, language)
        catalogue.update(wanted, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        for message in catalogue:
            if language == "en" and message.id and not _complete(message):
                message.string = message.id if isinstance(message.id, str) else tuple(message.id)
        with path.open("wb") as into:
            write_po(into, catalogue, width=110, omit_header=True, sort_output=True, include_lineno=False)


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def main(arguments: list[str]) -> int:
    """Writes, or with `--check` lists what is wrong and fails."""
    if arguments != ["--check"]:
        for folder, locale in sections().items():
            write(folder, locale)
    found = [problem for folder, locale in sections().items() for problem in problems(folder, locale)]
    print("\n".join(found) or "Every text is there in both languages.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
