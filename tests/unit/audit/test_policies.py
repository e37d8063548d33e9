"""Policy files: what ours write comes back, what others write flat is read, and nothing is simplified."""

import pytest

from services.audit.tlog.cosigning import Quorum, policy_text
from services.audit.tlog.notes import LogSigner, WitnessSigner
from services.audit.tlog.policies import MalformedPolicyError, Policy, read_policy

LOG = LogSigner("phoihop.example/hub", b"l" * 32).verifier
A, B, B_NEW, C = (WitnessSigner(f"{name}.example", name.encode() * 32).verifier for name in "abdc")


def test_what_is_written_comes_back() -> None:
    for quorum in (Quorum({}, 0), Quorum({"a": (A,)}, 1), Quorum({"a": (A,), "b": (B, B_NEW), "c": (C,)}, 2)):
        assert read_policy(policy_text([LOG], quorum)) == Policy((LOG,), quorum)


def test_a_policy_of_others_is_read_with_its_addresses_comments_and_tabs() -> None:
    text = f"""
        # two agencies
        log {LOG} https://hub.example/
        witness\ta {A}   https://a.example/witness
        witness b/1 {B} nats:b
        witness b/2 {B_NEW}
        group b any b/1 b/2
        group both all a b
        quorum both
    """
    found = read_policy(text)
    assert found.quorum == Quorum({"a": (A,), "b": (B, B_NEW)}, 2)
    assert found.addresses == {"a": "https://a.example/witness", "b": "nats:b"}


def test_one_witness_can_be_the_quorum_and_witnesses_without_one_are_asked_all_the_same() -> None:
    assert read_policy(f"witness a {A}\nquorum a\n").quorum == Quorum({"a": (A,)}, 1)
    assert read_policy(f"witness a {A} nats:a\nquorum none\n") == Policy((), Quorum({"a": (A,)}, 0), {"a": "nats:a"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"witness a {A}\n",
        f"witness a {A}\nquorum b\n",
        f"witness a {A}\nquorum a\nquorum a\n",
        f"witness a {A}\nwitness a {B}\nquorum a\n",
        f"witness a {A}\nwitness b {A}\ngroup g all a b\nquorum g\n",
        f"witness none {A}\nquorum none\n",
        f"witness a {LOG}\nquorum a\n",
        f"log {A}\nquorum none\n",
        f"witness a {A}\ngroup g 2 a\nquorum g\n",
        f"witness a {A}\ngroup g 0 a\nquorum g\n",
        f"witness a {A}\ngroup g some a\nquorum g\n",
        f"witness a {A}\ngroup g any a a\nquorum g\n",
        f"group g any a\nwitness a {A}\nquorum g\n",
        f"witness a {A}\nwitness b {B}\ngroup x all a b\ngroup g any x\nquorum g\n",
        f"witness a {A} one two\nquorum a\n",
        f"witness a {A}\r\nquorum a\r\n",
        "mirror a\nquorum none\n",
    ],
)
def test_what_is_no_policy_or_one_too_deep_for_us_is_refused(text: str) -> None:
    """Breaks if a quorum we do not understand were taken for a weaker one."""
    with pytest.raises(MalformedPolicyError):
        read_policy(text)
