"""Each promise about the bus is seen to be broken by a configuration with exactly that fault, and by none without."""

from pathlib import Path

import pytest

from services.stack.strictness.bus import breaches
from services.stack.strictness.promises import FIXES, Promise
from services.stack.strictness.server_file import read
from services.stack.strictness.subjects_allowed import too_wide
from tests.unit.stack_strictness.configurations import DESK, KEYS, UNIT, strict_text, with_fault

INBOX = f'"_INBOX.{KEYS[UNIT]}.>"'
UNIT_REPORTS = '"inbox.report.ranger.post"'
TLS = 'tls { cert_file: "c.pem", key_file: "k.pem", min_version: "1.3" }'


def _broken(tmp_path: Path, text: str) -> set[Promise]:
    (tmp_path / "nats.conf").write_text(text)
    return {breach.promise for breach in breaches(read(tmp_path / "nats.conf"))}


def test_what_our_own_scheme_makes_keeps_every_promise(tmp_path: Path) -> None:
    """Breaks if the checks refuse what `phoihop identity` makes, so that people learn to ignore them."""
    assert _broken(tmp_path, strict_text()) == set()


@pytest.mark.parametrize(
    ("promise", "old", "new"),
    [
        (Promise.NKEYS, "max_payload: 256KB", "max_payload: 256KB\nno_auth_user: guest"),
        (Promise.NKEYS, "max_payload: 256KB", "max_payload: 256KB\nauthorization { token: abc }"),
        (Promise.NKEYS, "max_payload: 256KB", "max_payload: 256KB\nAuthorization { user: a, password: b }"),
        (Promise.NKEYS, "max_payload: 256KB", "max_payload: 256KB\noperator: /etc/operator.jwt"),
        (Promise.NKEYS, f"nkey: {KEYS[UNIT]}", f"nkey: {KEYS[UNIT]}, password: unit"),
        (Promise.PERMISSIONS, f"subscribe: {{ allow: [\n            {INBOX}", f"x: {{ allow: [\n {INBOX}"),
        (Promise.PERMISSIONS, 'subscribe: { allow: [\n            "_INBOX', 'subscribe: { deny: [\n "_INBOX'),
        (Promise.PERMISSIONS, UNIT_REPORTS, f"{UNIT_REPORTS} ] }} allow_responses: true, x: {{ y: ["),
        (Promise.SUBJECTS, UNIT_REPORTS, '">"'),
        (Promise.SUBJECTS, UNIT_REPORTS, '"inbox.>"'),
        (Promise.SUBJECTS, UNIT_REPORTS, '"inbox.report.ranger.*"'),
        (Promise.SUBJECTS, INBOX, '"_INBOX.>"'),
        (Promise.SUBJECTS, INBOX, f'"_INBOX.{KEYS[DESK]}.>"'),
        (Promise.SUBJECTS, '"receipt.ranger.post"', '"receipt.*.*"'),
        (Promise.SUBJECTS, '"$JS.API.STREAM.INFO.*"', '"$JS.API.>"'),
        (Promise.SUBJECTS, '"$JS.API.STREAM.INFO.*"', '"$JS.API.STREAM.PURGE.EVENTS"'),
        (Promise.CROSSINGS, '{ service: "inbox.report.*.*" }', '{ service: ">" }'),
        (Promise.CROSSINGS, "imports: [", 'exports: [ { stream: "a.b" } ]\n imports: ['),
        (Promise.CROSSINGS, 'account: "CORE", subject: "inbox.report.*.*"', 'account: "SYS", subject: "x"'),
        (Promise.JETSTREAM, '"FIELD" {', '"FIELD" {\n jetstream: enabled'),
        (Promise.JETSTREAM, '"FIELD" {', '"FIELD" {\n jetstream { max_mem: 1 }'),
        (Promise.JETSTREAM, "jetstream: enabled", ""),
        (Promise.LISTENING, 'listen: "127.0.0.1:-1"', "port: 4222"),
        (Promise.LISTENING, 'listen: "127.0.0.1:-1"', "listen: 0.0.0.0:4222"),
        (Promise.LISTENING, 'listen: "127.0.0.1:-1"', 'listen: "[::]:4222", tls { cert_file: a, key_file: b }'),
        (Promise.LISTENING, 'listen: "127.0.0.1:-1"', f"listen: 0.0.0.0:4222, {TLS}, allow_non_tls: true"),
        (Promise.LISTENING, 'http: "127.0.0.1:-1"', "http: 0.0.0.0:8222"),
        (Promise.LISTENING, "max_payload: 256KB", "max_payload: 256KB\nleafnodes { port: 7422 }"),
        (Promise.LISTENING, "max_payload: 256KB", "max_payload: 256KB\nwebsocket { port: 80, no_tls: true }"),
        (Promise.DURABILITY, "sync_interval: always", ""),
        (Promise.DURABILITY, "sync_interval: always", "sync_interval: 2m"),
        (Promise.LIMITS, "max_payload: 256KB", ""),
        (Promise.LIMITS, "max_payload: 256KB", "max_payload: 64MB"),
        (Promise.LIMITS, "max_connections: 256", ""),
        (Promise.LIMITS, "max_connections: 256", "max_connections: -1"),
        (Promise.LIMITS, "max_subscriptions: 64", ""),
        (Promise.LIMITS, "max_payload: 65536", ""),
    ],
)  # fmt: skip
def test_a_fault_breaks_exactly_its_promise(tmp_path: Path, promise: Promise, old: str, new: str) -> None:
    """Breaks if a check cannot fail, or blames something else."""
    assert _broken(tmp_path, with_fault(old, new)) == {promise}


def test_a_user_with_a_password_instead_of_a_key_is_found(tmp_path: Path) -> None:
    assert Promise.NKEYS in _broken(tmp_path, with_fault(f"nkey: {KEYS[UNIT]}", "user: unit, password: unit"))


def test_a_server_without_accounts_lets_everybody_in(tmp_path: Path) -> None:
    found = _broken(tmp_path, 'listen: "127.0.0.1:4222"\nmax_payload: 1KB\njetstream { sync_interval: always }')

    assert found == {Promise.NKEYS}


def test_a_hub_that_is_reached_from_outside_over_tls_is_fine(tmp_path: Path) -> None:
    assert _broken(tmp_path, with_fault('listen: "127.0.0.1:-1"', f"listen: 0.0.0.0:4222\n{TLS}")) == set()


@pytest.mark.parametrize("subject", ["$JS.API.STREAM.MSG.DELETE.EVENTS", "$JS.API.STREAM.MSG.>", "$JS.>", "$SYS.>"])
def test_not_even_the_hub_may_take_facts_away_or_hear_everything(subject: str) -> None:
    assert too_wide(subject, "UKEY", in_core=True)


@pytest.mark.parametrize(
    "subject",
    ["$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.x", "$JS.API.CONSUMER.INFO.EVENTS.*", "$JS.ACK.>", "$JS.ACK.EVENTS.*.>",
     "$JS.API.DIRECT.GET.EVENTS", "$JS.API.DIRECT.GET.EVENTS.>", "$JS.API.STREAM.INFO.EVENTS", "_R_.>", "actual.>"],
)  # fmt: skip
def test_a_party_may_ask_the_server_for_nothing_but_its_own(subject: str) -> None:
    """Breaks if a desk that may make a consumer, or read a stream, counted as strict: it could read all facts."""
    assert too_wide(subject, "UKEY", in_core=False)


@pytest.mark.parametrize("promise", Promise)
def test_every_promise_has_a_fix_in_both_languages(promise: Promise) -> None:
    vietnamese, english = FIXES[promise]

    assert vietnamese
    assert english
    assert vietnamese != english
