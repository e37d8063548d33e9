"""Every text of every page is there in both languages, none is left over, and Vietnamese is written one way."""

import unicodedata
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from deploy import texts

SECTIONS = texts.sections()


def catalogue(path: Path) -> dict[str, str]:
    with path.open("rb") as source:
        return {str(one.id): str(one.string) for one in read_po(source) if one.id}


@pytest.mark.parametrize("folder", SECTIONS, ids=lambda folder: folder.name)
def test_every_text_is_there_in_both_languages_and_none_is_left_over(folder: Path) -> None:
    """Fails when a page would show English to somebody who reads Vietnamese, or nothing at all."""
    assert not list(texts.problems(folder, SECTIONS[folder]))


@pytest.mark.parametrize("folder", SECTIONS, ids=lambda folder: folder.name)
def test_texts_are_composed_and_trimmed(folder: Path) -> None:
    for language in texts.LANGUAGES:
        for message, text in catalogue(SECTIONS[folder] / f"{language}.po").items():
            assert unicodedata.is_normalized("NFC", text), message
            assert text.strip() == text, message


def test_the_pages_of_every_service_are_seen() -> None:
    assert {"web", "stack"} <= {folder.name for folder in SECTIONS}
    for folder in SECTIONS:
        assert len(texts.messages(folder)) > 3


def test_a_text_that_is_missing_left_over_or_empty_is_told(tmp_path: Path) -> None:
    pages, locale = tmp_path / "pages", tmp_path / "pages" / "locale"
    (pages / "templates").mkdir(parents=True)
    template = pages / "templates" / "one.html"
    template.write_text('{{ _("Old") }} {{ _("Kept %(a)s", a=1) }}')
    texts.write(tmp_path, locale)
    template.write_text('{{ _("New") }} {{ _("Kept %(a)s", a=1) }}')

    told = " ".join(texts.problems(tmp_path, locale))

    assert "'New' is missing" in told
    assert "'Old' is used nowhere" in told
    assert "'Kept %(a)s' has no text" in told


def test_a_translation_that_forgets_a_place_is_told(tmp_path: Path) -> None:
    pages, locale = tmp_path / "pages", tmp_path / "pages" / "locale"
    (pages / "templates").mkdir(parents=True)
    (pages / "templates" / "one.html").write_text('{{ _("For %(who)s", who=1) }}')
    texts.write(tmp_path, locale)
    path = locale / "vi.po"
    path.write_text(path.read_text().replace('msgstr ""', 'msgstr "Cho %(ai)s"'))

    assert any("%(who)s" in problem or "placeholder" in problem for problem in texts.problems(tmp_path, locale))


def test_texts_that_are_there_survive_a_new_collection(tmp_path: Path) -> None:
    pages, locale = tmp_path / "pages", tmp_path / "pages" / "locale"
    (pages / "templates").mkdir(parents=True)
    (pages / "templates" / "one.html").write_text('{{ _("Acknowledge") }}')
    texts.write(tmp_path, locale)
    path = locale / "vi.po"
    path.write_text(path.read_text().replace('msgstr ""', 'msgstr "Tiếp nhận"'))
    (pages / "code.py").write_text('translatable("Decline")\n')

    texts.write(tmp_path, locale)

    assert catalogue(path) == {"Acknowledge": "Tiếp nhận", "Decline": ""}
    assert catalogue(locale / "en.po") == {"Acknowledge": "Acknowledge", "Decline": "Decline"}
