"""Codes, tokens and what a proxy says, decided without a server: what lets in, and everything next to it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.access import SECTIONS, Holder, Role
from contracts.subjects import Origin
from services.runtime.secret_files import UnusableSecretError
from services.runtime.web import codes, proxied
from services.runtime.web.oidc import holder_of
from services.runtime.web.sections import section_key
from services.runtime.web.settings import DEMONSTRATION, WebSettings
from services.runtime.web.tokens import Kind, Tokens
from services.runtime.web.visitor import Visitor

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERYBODY = frozenset(Role)
OFFICER = Visitor(Role.OFFICER, Origin("alpha", "d1"), "Trực ban 1", "a" * 32)
LOCAL = {"client": ("127.0.0.1", 5)}


def _tokens(section: str = "desk", key: bytes = b"k" * 32) -> Tokens:
    return Tokens(section, lambda: key)


def test_a_code_is_known_however_it_is_typed() -> None:
    code = codes.drawn()
    typed = (code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("0", "O").replace("1", "l"))

    assert {codes.id_of(one) for one in typed} == {codes.id_of(code)}
    assert code not in (codes.id_of(code) or "")


def test_codes_do_not_repeat() -> None:
    assert len({codes.drawn() for _ in range(2000)}) == 2000


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    """Breaks when what somebody types can reach a subject as it is."""
    found = codes.id_of(typed)

    assert found is None or (len(found) == 32 and set(found) <= set("0123456789abcdef"))


def test_a_session_is_read_back_until_it_is_over() -> None:
    text = _tokens().mint(Kind.SESSION, OFFICER, NOW, HOUR)
    found = _tokens().read(Kind.SESSION, text, NOW + HOUR - timedelta(seconds=1))

    assert found is not None
    assert found.visitor == OFFICER
    assert _tokens().read(Kind.SESSION, text, NOW + HOUR) is None


OTHERS: dict[str, Callable[[str], object]] = {
    "another-use": lambda text: _tokens().read(Kind.DEVICE, text, NOW),
    "another-section": lambda text: _tokens("review").read(Kind.SESSION, text, NOW),
    "another-key": lambda text: _tokens(key=b"x" * 32).read(Kind.SESSION, text, NOW),
}


@pytest.mark.parametrize("read", OTHERS.values(), ids=OTHERS)
def test_a_session_is_nothing_to(read: Callable[[str], object]) -> None:
    assert read(_tokens().mint(Kind.SESSION, OFFICER, NOW, HOUR)) is None


@given(at=st.integers(0, 10_000), instead=st.sampled_from("ABCabc019-_."))
def test_any_changed_letter_of_a_session_is_found(at: int, instead: str) -> None:
    """The last letter of base64 holds bits that no byte has: it may change and mean the same."""
    text = _tokens().mint(Kind.SESSION, OFFICER, NOW, HOUR)
    at %= len(text) - 1
    changed = text[:at] + instead + text[at + 1 :]

    assert changed == text or _tokens().read(Kind.SESSION, changed, NOW) is None


@given(st.text(max_size=200))
def test_whatever_stands_in_a_cookie_is_read_or_not_and_nothing_else(text: str) -> None:
    assert _tokens().read(Kind.SESSION, text, NOW) is None


def test_each_section_has_a_key_of_its_own_for_its_owner_alone(tmp_path: Path) -> None:
    settings = WebSettings(home=tmp_path)
    keys = {section: section_key(settings, section) for section in SECTIONS.values()}

    assert len(set(keys.values())) == len(SECTIONS)
    assert {settings.section_key(section).stat().st_mode & 0o777 for section in keys} == {0o600}
    assert section_key(settings, "desk") == keys["desk"]


def test_a_key_that_others_may_read_signs_nothing(tmp_path: Path) -> None:
    settings = WebSettings(home=tmp_path)
    section_key(settings, "desk")
    settings.section_key("desk").chmod(0o644)

    with pytest.raises(UnusableSecretError, match="chmod 600"):
        section_key(settings, "desk")


@pytest.mark.parametrize(
    ("word", "who"),
    [
        ("vmrcc/sar", Holder(role=Role.UNIT, agency="vmrcc", point="sar", name="vmrcc/sar")),
        ("unit vmrcc/sar", Holder(role=Role.UNIT, agency="vmrcc", point="sar", name="vmrcc/sar")),
        ("officer a/d Tr%E1%BB%B1c%20ban%201", Holder(role=Role.OFFICER, agency="a", point="d", name="Trực ban 1")),
        ("auditor Ki%E1%BB%83m%20tra", Holder(role=Role.AUDITOR, name="Kiểm tra")),
        ("owner a/o L%C3%A3nh%20%C4%91%E1%BA%A1o", Holder(role=Role.OWNER, agency="a", point="o", name="Lãnh đạo")),
    ],
)
def test_a_proxy_names(word: str, who: Holder) -> None:
    assert proxied.vouched(word, EVERYBODY) == who


@pytest.mark.parametrize(
    "word",
    ["", "*", "a", "a/b/c", "A/B", "unit", "officer a", "officer */* x", "officer a/> x", "minister x", "auditor %0A"],
)
def test_a_proxy_names_nobody_by(word: str) -> None:
    """Breaks when a word that is no name reaches a subject."""
    assert proxied.vouched(word, EVERYBODY) is None


def test_a_proxy_names_nobody_whose_role_works_elsewhere() -> None:
    assert proxied.vouched("officer a/d x", frozenset({Role.AUDITOR})) is None
    assert proxied.vouched("a/d", frozenset({Role.OFFICER})) is None


@pytest.mark.parametrize(("peer", "is_ours"), [("127.0.0.1", True), ("::1", True), ("10.0.0.5", False), ("?", False)])
def test_only_this_machine_is_believed(peer: str, *, is_ours: bool) -> None:
    assert proxied.from_loopback({"client": (peer, 1)}) is is_ours


def test_the_address_that_our_own_proxy_added_last_is_counted() -> None:
    """What a client writes there itself stands before it."""
    assert proxied.address(LOCAL, "1.1.1.1, 2.2.2.2") == "2.2.2.2"
    assert proxied.address({"client": ("10.0.0.5", 1)}, "1.1.1.1") == "10.0.0.5"
    assert proxied.address(LOCAL, None) == "127.0.0.1"


def test_claims_name_a_duty_and_never_a_person() -> None:
    claims = {"name": "Nguyễn Văn A", "email": "a@b.vn", "phoihop_role": "officer", "phoihop_desk": "a/d"}

    assert holder_of(claims, WebSettings()) == Holder(role=Role.OFFICER, agency="a", point="d", name="a/d")


REFUSED: dict[str, dict[str, object]] = {
    "names-in-an-empty-home": {},
    "names-behind-a-proxy": {"behind_proxy": True},
    "names-for-the-world": {"http_host": "0.0.0.0"},  # noqa: S104  # what must be refused
    "names-under-a-public-name": {"public_origin": "https://x.vn"},
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_settings_refuse(wrong: dict[str, object], tmp_path: Path) -> None:
    """Breaks when signing in by name can be switched on for a real hub."""
    if wrong:
        (tmp_path / DEMONSTRATION).touch()
    with pytest.raises(ValidationError, match="demonstration alone"):
        WebSettings.model_validate({"home": tmp_path, "development_logins": True} | wrong)


def test_the_demonstrations_own_home_lets_in_by_name(tmp_path: Path) -> None:
    (tmp_path / DEMONSTRATION).touch()

    assert WebSettings(home=tmp_path, development_logins=True).development_logins


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_issuer": "http://provider.example", "public_origin": "https://x.vn"},
        {"oidc_issuer": "https://provider.example"},
        {"public_origin": "https://x.vn/path"},
        {"public_origin": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_provider_is_reached_safely_or_not_at_all(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        WebSettings.model_validate(wrong)
