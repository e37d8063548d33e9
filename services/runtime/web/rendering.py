"""Makes the template environments, one for each language: autoescaped, strict about what a page was not given."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from babel.support import Translations
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from services.runtime.terminal import Language
from services.runtime.web import filters


def environments(
    folders: Iterable[Path], texts: Mapping[Language, Translations], static: Callable[[str], str]
) -> dict[Language, Environment]:
    """An earlier folder's template hides a later one's; `static` gives the address of a browser file."""
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    return {language: _environment(loader, found, static) for language, found in texts.items()}


def _environment(loader: ChoiceLoader, texts: Translations, static: Callable[[str], str]) -> Environment:
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
    filters.install(environment)
    return environment
