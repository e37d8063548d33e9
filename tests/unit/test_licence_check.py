"""The licence check refuses what it must and lets through what it may."""

import pytest

from deploy import check_licences


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-or-later",
        "GNU General Public License v3 (GPLv3)",
        "AGPL-3.0-only",
        "LGPL-2.1-or-later",
        "GNU Lesser General Public License v3 (LGPLv3)",
        "MPL-2.0",
        "SSPL-1.0",
        "MIT AND GPL-2.0-only",
        "MIT License; GNU General Public License (GPL)",
        "UNKNOWN",
        "",
    ],
)
def test_copyleft_and_unknown_licences_are_refused(licence: str) -> None:
    assert check_licences.verdict("some-package", licence)


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "Apache Software License",
        "BSD-3-Clause",
        "MIT OR Apache-2.0",
        "GPL-2.0-only OR MIT",
        "Apache-2.0 AND BSD-2-Clause",
        "DFSG approved; MIT License",
    ],
)
def test_permissive_licences_pass(licence: str) -> None:
    assert check_licences.verdict("some-package", licence) is None


def test_weak_copyleft_passes_only_for_the_reviewed_package() -> None:
    assert check_licences.verdict("hypothesis", "MPL-2.0") is None
    assert check_licences.verdict("hypothesis", "GPL-3.0-only")


def test_a_refused_package_fails_the_build(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check_licences, "installed", lambda: [("good", "MIT"), ("pymerkle", "GPL-3.0-or-later")])
    assert check_licences.main() == 1
    assert capsys.readouterr().out.startswith("pymerkle: GPL-3.0-or-later")


def test_an_empty_list_of_packages_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_licences, "installed", list)
    assert check_licences.main() == 1
