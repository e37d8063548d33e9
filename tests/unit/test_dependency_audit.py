"""The audit of dependencies fails on what is known, and says so when nothing could be known."""

from typing import Any, Final

import pytest

from deploy import audit_dependencies
from deploy.audit_dependencies import verdict

FINE: Final = {"name": "anyio", "version": "4.16.0", "vulns": []}
UNKNOWN: Final = {"name": "lxml", "skip_reason": "Dependency not found on PyPI and could not be audited: lxml (6.0)"}
HURT: Final[dict[str, Any]] = {
    "name": "jinja2",
    "version": "2.11.2",
    "vulns": [{"id": "PYSEC-2021-66", "aliases": ["CVE-2020-28493"], "fix_versions": ["2.11.3"], "description": "…"}],
}


def test_a_known_vulnerability_fails_and_names_the_version_that_mends_it() -> None:
    code, lines = verdict([FINE, HURT], {})

    assert code == 1
    assert lines[0] == "jinja2 2.11.2: PYSEC-2021-66; mended in 2.11.3"


@pytest.mark.parametrize("known", ["PYSEC-2021-66", "CVE-2020-28493"])
def test_one_that_was_ruled_out_under_any_of_its_names_does_not_fail(known: str) -> None:
    assert verdict([FINE, HURT], {known: "we render no user's templates"})[0] == 0


def test_nothing_known_is_fine() -> None:
    assert verdict([FINE], {}) == (0, ["1 packages audited, 0 known vulnerabilities"])


@pytest.mark.parametrize("dependencies", [[], [UNKNOWN]])
def test_a_registry_that_cannot_tell_is_never_taken_for_a_good_answer(dependencies: list[dict[str, Any]]) -> None:
    """Breaks if a mirror without vulnerability data made CI say that all is well."""
    code, lines = verdict(list(dependencies), {})

    assert code == 0
    assert lines[0].startswith("NOT AUDITED")


def test_single_packages_that_it_cannot_tell_of_are_named() -> None:
    assert "NOT AUDITED: lxml" in verdict([FINE, UNKNOWN], {})[1]


def test_every_vulnerability_that_is_ignored_has_a_reason() -> None:
    assert all(audit_dependencies.IGNORED.values())
