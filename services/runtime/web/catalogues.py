"""Reads the texts of the pages from .po files at start and picks a visitor's language. It translates nothing itself."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from starlette.requests import HTTPConnection

from services.runtime.terminal import Language

COOKIE: Final = "phoihop_lang"
ASKED: Final = "lang"
"""The query parameter of the language switch."""


def catalogues(folders: Iterable[Path]) -> dict[Language, Translations]:
    """Every language with the texts of all folders; a later folder's text wins over an earlier one's."""
    folders = tuple(folders)
    return {language: _merged(language, folders) for language in Language}


def translatable(message: str) -> str:
    """Marks a message id in Python for the catalogues; it is translated where it is shown."""
    return message


def language_of(connection: HTTPConnection) -> Language:
    """What the visitor switched to; else what the browser asks for first among ours; else Vietnamese."""
    for chosen in (connection.query_params.get(ASKED), connection.cookies.get(COOKIE)):
        if chosen in set(Language):
            return Language(chosen)
    accepted = _by_preference(connection.headers.get("accept-language", ""))
    return next((Language(tag) for tag in accepted if tag in set(Language)), Language.VI)


def _merged(language: Language, folders: Iterable[Path]) -> Translations:
    merged = Translations()
    for folder in folders:
        path = folder / f"{language.value}.po"
        if path.exists():
            with path.open("rb") as source:
                catalogue = read_po(source, locale=language.value)
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            compiled.seek(0)
            found = Translations(compiled)
            merged.add(found)
            merged.plural = found.plural  # merging takes over the texts, not how the language counts
    return merged


def _by_preference(header: str) -> list[str]:
    """Primary language tags of an Accept-Language header, best first; what cannot be read counts as unwanted."""
    weighed = []
    for part in header.split(","):
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=") or "1"
        quality = float(weight) if weight.replace(".", "", 1).isdigit() else 0.0
        weighed.append((-quality, tag.partition("-")[0].lower()))
    return [tag for quality, tag in sorted(weighed, key=lambda one: one[0]) if quality]
