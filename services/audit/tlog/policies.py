"""Reads a c2sp.org/tlog-policy file: which witnesses there are, where to ask them, and how many are enough.

Of the quorums the format can say it understands the flat ones, k of n, where a member is a witness or a group `any` of
keys of one witness: what `cosigning.policy_text` writes. Anything else is refused by name, never simplified.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.audit.tlog.cosigning import Quorum
from services.audit.tlog.notes import MalformedNoteError, SignatureType, VerifierKey

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
NATS_SCHEME: Final = "nats:"


class MalformedPolicyError(ValueError):
    """The text is no policy, or one with a quorum that this program does not understand."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose signatures count."""

    logs: tuple[VerifierKey, ...] = ()
    quorum: Quorum = field(default_factory=lambda: Quorum({}, 0))
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Witness → where it takes checkpoints: the submission prefix of tlog-witness, or `nats:` and its name there."""


@dataclass(slots=True)
class _Reading:
    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str | None = None


def read_policy(text: str) -> Policy:
    """The policy of a file. Raises `MalformedPolicyError`."""
    if _CONTROL.search(text):
        raise MalformedPolicyError("a policy holds no control characters")
    reading = _Reading()
    try:
        for words in _lines(text):
            _take(reading, words)
        return _policy(reading)
    except (MalformedNoteError, ValueError) as error:
        raise MalformedPolicyError(str(error)) from error


def _lines(text: str) -> Iterator[list[str]]:
    for line in text.split("\n"):
        if (words := re.split(r"[ \t]+", line.strip(" \t"))) != [""] and not words[0].startswith("#"):
            yield words


def _take(reading: _Reading, words: list[str]) -> None:
    match words:
        case ["log", vkey] | ["log", vkey, _]:
            reading.logs.append(_key(vkey, SignatureType.ED25519))
        case ["witness", name, vkey, *address] if len(address) <= 1:
            reading.witnesses[_new(reading, name)] = _key(vkey, SignatureType.COSIGNATURE)
            reading.addresses.update((name, one) for one in address)
        case ["group", name, enough, *members] if members:
            unknown = [one for one in members if one not in reading.witnesses and one not in reading.groups]
            if unknown or len(set(members)) != len(members):
                raise MalformedPolicyError(f"group {name}: {unknown or members}")
            count = {"any": 1, "all": len(members)}.get(enough) or int(enough)
            if not 1 <= count <= len(members):
                raise MalformedPolicyError(f"group {name}: {enough} of {len(members)}")
            reading.groups[_new(reading, name)] = (count, tuple(members))
        case ["quorum", name] if reading.quorum is None:
            reading.quorum = name
        case _:
            raise MalformedPolicyError(f"not a line of a policy: {' '.join(words)[:60]!r}")


def _new(reading: _Reading, name: str) -> str:
    if name == "none" or name in reading.witnesses or name in reading.groups:
        raise MalformedPolicyError(f"the name {name} is taken")
    return name


def _key(text: str, kind: SignatureType) -> VerifierKey:
    if (key := VerifierKey.parse(text)).type is not kind:
        raise MalformedPolicyError(f"{key.name}: not a key of this kind")
    return key


def _policy(reading: _Reading) -> Policy:
    match reading.quorum:
        case None:
            raise MalformedPolicyError("there is no quorum line")
        case "none":
            enough, members = 0, tuple(reading.witnesses)
        case name if name in reading.witnesses:
            enough, members = 1, (name,)
        case name if name in reading.groups:
            enough, members = reading.groups[name]
        case name:
            raise MalformedPolicyError(f"quorum {name}: nobody has this name")
    witnesses = {member: _keys(reading, member) for member in members}
    addresses = {member: address for member in members if (address := _address(reading, member))}
    return Policy(tuple(reading.logs), Quorum(witnesses, enough), addresses)


def _keys(reading: _Reading, member: str) -> tuple[VerifierKey, ...]:
    return tuple(reading.witnesses[name] for name in _names(reading, member))


def _address(reading: _Reading, member: str) -> str | None:
    return next((reading.addresses[name] for name in _names(reading, member) if name in reading.addresses), None)


def _names(reading: _Reading, member: str) -> tuple[str, ...]:
    if member in reading.witnesses:
        return (member,)
    enough, names = reading.groups[member]
    if enough != 1 or any(name not in reading.witnesses for name in names):
        raise MalformedPolicyError(f"group {member}: a group in the quorum may only be `any` key of one witness")
    return names
