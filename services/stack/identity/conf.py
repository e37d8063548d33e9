"""Writes the accounts as text for nats-server's configuration. Pure; every list item stands on a line of its own."""

import json
from collections.abc import Iterable, Iterator

from services.stack.identity.scheme import CORE, SYS, Account, Crossing, Limits, User


def rendered(accounts: Iterable[Account]) -> str:
    """The text of the file that the server's configuration includes."""
    lines = ["accounts {", *(f"  {line}" for account in accounts for line in _account(account)), "}"]
    return "\n".join([*lines, f"system_account: {_quoted(SYS)}", ""])


def _account(account: Account) -> Iterator[str]:
    yield f"{_quoted(account.name)} {{"
    if account.jetstream:
        yield "  jetstream: enabled"
    yield from _limits(account.limits)
    yield from _list("users", [line for user in account.users for line in _user(user)])
    yield from _list("exports", [_offer(offer) for offer in account.offers])
    yield from _list("imports", [_take(take) for take in account.takes])
    yield "}"


def _limits(limits: Limits) -> Iterator[str]:
    said = {
        "max_connections": limits.connections,
        "max_subscriptions": limits.subscriptions,
        "max_payload": limits.payload,
    }
    if lines := [f"    {name}: {value}" for name, value in said.items() if value is not None]:
        yield from ("  limits {", *lines, "  }")


def _user(user: User) -> Iterator[str]:
    yield f"{{ # {user.name}"
    yield f"  nkey: {user.key}"
    yield "  permissions {"
    yield from _allowed("publish", user.grant.publish)
    yield from _allowed("subscribe", user.subscribe)
    if user.grant.answers:
        yield '    allow_responses { max: 1, expires: "1m" }'
    yield "  }"
    yield "}"


def _allowed(what: str, subjects: tuple[str, ...]) -> Iterator[str]:
    if not subjects:
        yield f'    {what}: {{ deny: ">" }}'
        return
    yield f"    {what}: {{ allow: ["
    yield from (f"      {_quoted(subject)}" for subject in sorted(set(subjects)))
    yield "    ] }"


def _list(name: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from (f"  {name}: [", *(f"    {line}" for line in lines), "  ]")


def _offer(offer: Crossing) -> str:
    answer = ", response_type: stream" if offer.many else ""
    return f"{{ {offer.kind}: {_quoted(offer.subject)}{answer} }}"


def _take(take: Crossing) -> str:
    return f"{{ {take.kind}: {{ account: {_quoted(CORE)}, subject: {_quoted(take.subject)} }} }}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # nats.conf knows no \\u escapes
