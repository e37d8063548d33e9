"""What may pass between whom, decided purely: nobody gets more than the work needs, and the text says just that."""

import itertools
import re

import pytest

from contracts import server_api as api
from contracts.identity import HUB, Identity, IdentityKind, desk, role, service, unit
from contracts.retry_subjects import retried, retry
from contracts.streams import CONSUMERS, is_tried_again
from services.stack.identity.conf import rendered
from services.stack.identity.grants import HUB_GRANTS, grant_of
from services.stack.identity.scheme import CORE, FIELD, SYS, Account, account_of, scheme

UNITS = (unit("alpha", "u1"), unit("beta", "u2"))
DESKS = (desk("alpha", "d1"), desk("alpha", "x1"), desk("beta", "d2"))
HUBS = tuple(Identity.named(name) for name in HUB_GRANTS)
KEYS = {who: f"U{chr(65 + number % 26) * 55}" for number, who in enumerate((*UNITS, *DESKS, *HUBS))}


def _accounts() -> dict[str, Account]:
    return {account.name: account for account in scheme(KEYS)}


def overlap(one: str, other: str) -> bool:
    """Whether some subject is matched by both patterns."""
    for mine, its in itertools.zip_longest(one.split("."), other.split(".")):
        if ">" in (mine, its):
            return None not in (mine, its)
        if (mine != its and "*" not in (mine, its)) or None in (mine, its):
            return False
    return True


def test_there_is_an_account_for_the_hub_the_field_each_agency_and_the_system() -> None:
    assert list(_accounts()) == [CORE, FIELD, "AGENCY-alpha", "AGENCY-beta", SYS]
    assert [account.name for account in _accounts().values() if account.jetstream] == [CORE]
    assert {account_of(who) for who in UNITS} == {FIELD}
    assert _accounts()[SYS] == Account(SYS)


@pytest.mark.parametrize("who", [*UNITS, *DESKS], ids=lambda who: who.name)
def test_nothing_a_party_may_send_can_be_sent_by_another(who: Identity) -> None:
    """One overlap is enough for somebody to speak or acknowledge in another's name."""
    mine = grant_of(who).publish
    for other in (*UNITS, *DESKS):
        if other != who:
            assert [pair for pair in itertools.product(mine, grant_of(other).publish) if overlap(*pair)] == []


@pytest.mark.parametrize("who", [*UNITS, *DESKS], ids=lambda who: who.name)
def test_everything_a_party_may_send_or_hear_names_it_whole(who: Identity) -> None:
    """A wildcard where a name should stand is somebody else's name as well."""
    grant = grant_of(who)
    for subject in (*grant.publish, *grant.subscribe):
        assert re.search(rf"(^|[._]){who.agency}[._]{who.point}([._]|$)", subject), subject


@pytest.mark.parametrize("name", HUB_GRANTS)
def test_nobody_at_the_hub_may_destroy_or_do_everything(name: str) -> None:
    """A right to delete, purge or pause would let one hacked program undo the record."""
    forbidden = [
        f"$JS.API.{call}"
        for call in (
            "STREAM.DELETE.EVENTS",
            "STREAM.PURGE.EVENTS",
            "STREAM.SNAPSHOT.EVENTS",
            "STREAM.RESTORE.EVENTS",
            "STREAM.MSG.GET.EVENTS",
            "STREAM.MSG.DELETE.EVENTS",
            "CONSUMER.DELETE.EVENTS.audit",
            "CONSUMER.PAUSE.EVENTS.audit",
        )
    ]
    allowed = grant_of(Identity.named(name)).publish
    assert [pair for pair in itertools.product(allowed, forbidden) if overlap(*pair)] == []
    assert ">" not in {subject.split(".")[0] for subject in allowed}
    assert "*" not in {subject.split(".")[0] for subject in allowed}


def test_every_consumer_of_a_service_is_worked_by_exactly_one_identity() -> None:
    """Two would take each other's messages; none would leave them lying."""
    for consumer in CONSUMERS:
        wanted = api.next_messages(consumer.stream, consumer.durable)
        workers = [name for name in HUB_GRANTS if wanted in grant_of(Identity.named(name)).publish]
        assert len(workers) == 1, (consumer.durable, workers)


def test_a_parked_message_is_tried_again_by_who_works_through_its_consumer_and_asked_for_by_operators() -> None:
    """Who else heard the question would handle nothing; who else asked would choose when others work."""
    grants = {name: grant_of(Identity.named(name)) for name in HUB_GRANTS}
    for consumer in CONSUMERS:
        named = consumer.stream, consumer.durable
        wanted = api.next_messages(*named)
        working = [name for name, grant in grants.items() if wanted in grant.publish and is_tried_again(consumer)]
        hearing = [name for name, grant in grants.items() if _any(grant.subscribe, retry(*named))]
        telling = [name for name, grant in grants.items() if _any(grant.publish, retried(*named))]
        asking = [name for name, grant in grants.items() if _any(grant.publish, retry(*named))]
        assert hearing == telling == working
        assert asking == ["service.console", "role.operator"]
    for who in (*UNITS, *DESKS):
        assert not _any(grant_of(who).publish, retry("*", "*"))


def _any(patterns: tuple[str, ...], subject: str) -> bool:
    return any(overlap(pattern, subject) for pattern in patterns)


def test_an_agency_takes_from_the_hub_what_its_desks_may_send_and_nothing_else() -> None:
    for account in _accounts().values():
        if account.name.startswith("AGENCY-"):
            sent = {subject for user in account.users for subject in user.grant.publish}
            assert {take.subject for take in account.takes if take.kind == "service"} == sent
            heard = {subject for user in account.users for subject in user.grant.subscribe}
            assert {take.subject for take in account.takes if take.kind == "stream"} == heard


def test_whatever_an_account_takes_the_hub_offers() -> None:
    """The server refuses a whole configuration with one import that nobody exports."""
    offers = [(offer.kind, offer.subject) for offer in _accounts()[CORE].offers]
    for account in _accounts().values():
        for take in account.takes:
            assert any(kind == take.kind and overlap(subject, take.subject) for kind, subject in offers), take


def test_everybody_hears_an_inbox_of_his_own_only() -> None:
    inboxes = [user.subscribe[0] for account in scheme(KEYS) for user in account.users]
    assert all(
        inbox == f"_INBOX.{key}.>"
        for inbox, key in zip(
            sorted(inboxes), sorted(user.key for account in scheme(KEYS) for user in account.users), strict=True
        )
    )


def test_the_text_is_the_same_for_the_same_members_and_has_one_item_a_line() -> None:
    """Two items on one line without a comma are an error that keeps the server from starting."""
    text = rendered(scheme(KEYS))
    assert text == rendered(scheme(dict(reversed(KEYS.items()))))
    assert all(line.count('"') <= 4 for line in text.splitlines())
    assert text.count("nkey: ") == len(KEYS)


def test_names_say_kind_agency_and_point_and_are_read_back() -> None:
    for who in KEYS:
        assert Identity.named(who.name) == who
    assert (service("intake").name, role("auditor").name) == ("service.intake", "role.auditor")
    with pytest.raises(ValueError, match="units, desks and owners"):
        Identity(kind=IdentityKind.UNIT, point="u1")
    assert not re.fullmatch(r"[a-z0-9-]+", HUB)
