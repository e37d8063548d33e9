"""Makes the template environments, one for each language: autoescaped, strict about what a page was not given."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from babel.support import Translations
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from contracts import code_words
from services.runtime.terminal import Language
from services.runtime.web import filters


def environments(
    folders: Iterable[Path], texts: Mapping[Language, Translations], static: Callable[[str], str]
) -> dict[Language, Environment]:
    """An earlier folder's template hides a later one's; `static` gives the address of a browser file."""
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    return {language: _environment(loader, language, found, static) for language, found in texts.items()}


def _environment(
    loader: ChoiceLoader, language: Language, texts: Translations, static: Callable[[str], str]
) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.globals["static"] = static
    environment.globals["said"] = partial(_said, language)
    environment.globals["choices"] = partial(_choices, language)
    filters.install(environment)
    return environment


def _said(language: Language, kind: str, code: str) -> str:
    """In a template: what a code of a closed list is called."""
    return language.pick(*code_words.said(kind, code))


def _choices(language: Language, kind: str) -> list[tuple[str, str]]:
    """In a template: the codes of a closed list, each with its word to stand alone."""
    return [(str(code), language.pick(*code_words.begun(words))) for code, words in code_words.LISTS[kind].items()]
