"""The strict YAML reader: what it refuses, and where it says the fault is."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from contracts.frozen import Contract
from services.runtime.documents import DocumentError, Location, load

QUOTE_IT: Final = "write text here; put numbers and codes in quotes"
SPELL_IT: Final = "remove this key or correct its spelling"


class Item(Contract):
    """One line of the test document."""

    code: str
    since: dt.date | None = None
    on: bool = False
    limit: dt.timedelta | None = None


class Listing(Contract):
    """The test document."""

    name: str
    items: tuple[Item, ...] = ()


def written(folder: Path, text: str, name: str = "list.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refusals(path: Path) -> list[str]:
    """The findings, without the folder."""
    with pytest.raises(DocumentError) as refusal:
        load(path, Listing)
    return [
        str(finding).replace(f"{path if path.is_dir() else path.parent}/", "") for finding in refusal.value.findings
    ]


def test_a_plain_document_becomes_the_contract(tmp_path: Path) -> None:
    text = 'name: Xã Đắk Wil\nitems:\n  - {code: "112", since: 2025-07-01, on: true, limit: PT5M}\n  - code: 07246\n'
    listing = load(written(tmp_path, text), Listing)
    first, second = listing.items
    assert (first.code, first.since, first.on) == ("112", dt.date(2025, 7, 1), True)
    assert first.limit == dt.timedelta(minutes=5)
    assert second.code == "07246"


@pytest.mark.parametrize(
    "word", ["yes", "no", "on", "off", "True", "NULL", "2025-07-01", "0x1F", "1_000", "12:30", ".inf"]
)
def test_words_that_other_readers_turn_into_values_stay_text(word: str, tmp_path: Path) -> None:
    """YAML 1.1 makes `no` false and `12:30` 750: a desk code or a place name must never change like that."""
    assert load(written(tmp_path, f"name: {word}\n"), Listing).name == word


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("name: a\nname: b\n", "list.yaml:2: name: the key is repeated, first in line 1 — fix: keep one of them"),
        (
            "name: a\nitems:\n  - code: x\n    on: true\n    code: y\n",
            "list.yaml:5: items.0.code: the key is repeated, first in line 3 — fix: keep one of them",
        ),
        (
            "name: &n a\n",
            "list.yaml:1: name: anchors and aliases are not allowed — fix: write the value out",
        ),
        (
            "name: !!str 5\n",
            "list.yaml:1: name: the tag tag:yaml.org,2002:str is not allowed — fix: remove the tag",
        ),
        (
            "name: !!python/object:os.system x\n",
            "list.yaml:1: name: the tag tag:yaml.org,2002:python/object:os.system is not allowed — fix: remove the tag",
        ),
        ("- a\n", "list.yaml:1: document: the document is no mapping — fix: begin with `key: value` lines"),
        ("", "list.yaml:1: document: the document is no mapping — fix: begin with `key: value` lines"),
        (
            "name: a\n---\nname: b\n",
            "list.yaml:2: document: a second document starts here — fix: keep one document in a file",
        ),
        ("? [a]\n: b\n", "list.yaml:1: document: a key must be plain text — fix: write `key: value`"),
        (
            "name: 112\n",
            f"list.yaml:1: name: Input should be a valid string, not 112 — fix: {QUOTE_IT}",
        ),
        ("items: []\n", "list.yaml:1: name: Field required — fix: add this key"),
        (
            "name: a\nitems:\n  - code: x\n    cod: y\n",
            f"list.yaml:4: items.0.cod: Extra inputs are not permitted, not 'y' — fix: {SPELL_IT}",
        ),
        (
            "name: a\nitems:\n  - code: x\n    on: yes\n",
            "list.yaml:4: items.0.on: Input should be a valid boolean, not 'yes' — fix: write true or false",
        ),
    ],
)
def test_each_fault_names_line_path_and_fix(text: str, finding: str, tmp_path: Path) -> None:
    assert finding in refusals(written(tmp_path, text))


def test_an_alias_is_refused_where_it_stands(tmp_path: Path) -> None:
    """Aliases multiply: nine levels of nine make a document no machine can hold."""
    found = refusals(written(tmp_path, "name: &n a\nitems: *n\n"))
    assert "list.yaml:2: items: anchors and aliases are not allowed — fix: write the value out" in found


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    lines = "items:\n  - {cod: x}\n  - {code: 5}\n"
    assert len(refusals(written(tmp_path, lines))) == 4


def test_depth_is_bounded(tmp_path: Path) -> None:
    """A thousand brackets must end in a finding, not in the recursion limit."""
    assert any("nested deeper than 30 levels" in found for found in refusals(written(tmp_path, "name: " + "[" * 1000)))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name: \xff\n", "is not UTF-8 at byte 6"),
        (b"name: 'a\n", "found unexpected end of stream"),
        (b"name: \x07\n", "control characters are not allowed"),
    ],
)
def test_bytes_that_are_no_yaml_are_refused(content: bytes, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    file.write_bytes(content)
    assert problem in refusals(file)[0]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = refusals(tmp_path / "none.yaml")
    assert found == [
        "none.yaml:1: document: cannot be read: No such file or directory — fix: check the name of the file"
    ]


def test_the_files_of_a_folder_are_one_document(tmp_path: Path) -> None:
    written(tmp_path, "name: a\nitems: [{code: x}]\n", "10.yaml")
    written(tmp_path, "items:\n  - code: y\n  - code: z\n", "20.yaml")
    assert [item.code for item in load(tmp_path, Listing).items] == ["x", "y", "z"]


def test_a_fault_in_the_second_file_of_a_folder_is_found_there(tmp_path: Path) -> None:
    written(tmp_path, "name: a\nitems: [{code: x}]\n", "10.yaml")
    written(tmp_path, "items:\n  - code: y\n  - code: 5\n", "20.yaml")
    (found,) = refusals(tmp_path)
    assert found.startswith("20.yaml:3: items.2.code: Input should be a valid string, not 5")


def test_a_key_that_is_no_list_stands_in_one_file_only(tmp_path: Path) -> None:
    """Otherwise the name of the file would silently decide which version or default counts."""
    written(tmp_path, "name: a\n", "10.yaml")
    written(tmp_path, "items: []\nname: b\n", "20.yaml")
    assert refusals(tmp_path) == ["20.yaml:2: name: this key already stands in 10.yaml:1 — fix: keep it in one file"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "the folder holds no *.yaml file" in refusals(tmp_path)[0]


def test_a_cross_check_speaks_with_the_same_voice(tmp_path: Path) -> None:
    def check(listing: Listing) -> Iterator[tuple[Location, str, str]]:
        for index, item in enumerate(listing.items):
            if item.code == "bad":
                yield ("items", index, "code"), "this code is bad", "choose another"

    file = written(tmp_path, "name: a\nitems:\n  - code: good\n  - code: bad\n")
    with pytest.raises(DocumentError, match=r"list\.yaml:4: items\.1\.code: this code is bad — fix: choose another"):
        load(file, Listing, check)
