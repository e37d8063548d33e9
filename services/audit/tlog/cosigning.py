"""Decides, for the log, what to ask a witness, what its answer means, and whether a checkpoint is settled at k of n.

Settled means: of `n` trusted witnesses at least `k` have cosigned. Two contradicting checkpoints of the same log can
both be settled only if at least 2·k - n witnesses lie: with 3 of 5, one lying witness is needed; choose k above n / 2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from services.audit.tlog.checkpoints import Checkpoint, read_number
from services.audit.tlog.notes import (
    Forged,
    MalformedNoteError,
    Note,
    Signature,
    Unsigned,
    Verified,
    VerifierKey,
    verify,
)
from services.audit.tlog.witnessing import AddCheckpoint, Answer, Contradiction

_RESERVED: Final = frozenset({"none", "witnesses"})


@dataclass(frozen=True, slots=True)
class Quorum:
    """Which witnesses count, under the names we know them by, and how many of them are enough."""

    witnesses: Mapping[str, tuple[VerifierKey, ...]]
    """Every key of a witness, so that it can change its key; it counts once."""
    enough: int

    def __post_init__(self) -> None:
        keys = [key.public for keys in self.witnesses.values() for key in keys]
        if not 0 <= self.enough <= len(self.witnesses) or len(set(keys)) != len(keys):
            raise ValueError(f"{self.enough} of {len(self.witnesses)} witnesses with {len(keys)} keys is no quorum")
        if any(not name or " " in name or not name.isprintable() or name in _RESERVED for name in self.witnesses):
            raise ValueError("a witness's name holds no space and is none of the names that a policy file uses itself")

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """Every key that counts."""
        return tuple(key for keys in self.witnesses.values() for key in keys)


@dataclass(frozen=True, slots=True)
class Settled:
    """Enough witnesses vouch for the checkpoint. Name → the time of its newest cosignature, POSIX seconds."""

    by: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Too few have so far."""

    by: Mapping[str, int]
    missing: int


def settle(note: Note, quorum: Quorum) -> Settled | Unsettled | Forged:
    """Whether a checkpoint is settled. That the log signed it is a question of its own."""
    match verify(note, quorum.keys):
        case Forged() as forged:
            return forged
        case Unsigned():
            times: Mapping[VerifierKey, int] = {}
        case Verified(by):
            times = by
        case unexpected:
            assert_never(unexpected)
    who = {name: max(map(times.__getitem__, signed)) for name, signed in _signed(quorum, times) if signed}
    return Settled(who) if len(who) >= quorum.enough else Unsettled(who, quorum.enough - len(who))


def _signed(quorum: Quorum, times: Mapping[VerifierKey, int]) -> Iterable[tuple[str, list[VerifierKey]]]:
    return ((name, [key for key in keys if key in times]) for name, keys in quorum.witnesses.items())


class Failure(StrEnum):
    """Why an answer helps nobody; ask again later or have somebody look at the settings."""

    MALFORMED = "malformed"
    """The answer is not one of the protocol, or the witness says that about the request."""
    UNKNOWN_ORIGIN = "unknown_origin"
    """The witness does not know this log."""
    KEY_REFUSED = "key_refused"
    """The witness does not trust the key the checkpoint was signed with."""
    UNREACHABLE = "unreachable"
    """It did not answer."""
    NO_COSIGNATURE = "no_cosignature"
    """The answer holds no valid cosignature of the key expected."""


@dataclass(frozen=True, slots=True)
class Added:
    """The witness cosigned: lines to add to the note, verified."""

    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class GoOnFrom:
    """The witness stands at another size of this log: ask again with a proof from there."""

    size: int


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The witness has cosigned a larger tree of this log than the log has now. Shout: the ledger lost its tail."""

    size: int


@dataclass(frozen=True, slots=True)
class Contradicted:
    """The witness says that the checkpoint contradicts the one it cosigned. Shout: the ledger was rewritten."""

    saying: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer brings nothing."""

    reason: Failure


Outcome = Added | GoOnFrom | Shrunk | Contradicted | Failed


def learn(answer: Answer, request: AddCheckpoint, witness: Iterable[VerifierKey]) -> Outcome:
    """What a witness's answer means for the checkpoint it was asked to cosign."""
    note, size = request.note, Checkpoint.of(request.note).size
    try:
        match answer.status:
            case 200:
                return _added(answer.body, note, tuple(witness))
            case 409:
                theirs = read_number(answer.body.decode("ascii").removesuffix("\n"))
                if theirs == request.old:  # not the size is in its way: it has cosigned another root for it
                    return Contradicted(Contradiction.SPLIT_VIEW)
                return Shrunk(theirs) if theirs > size else GoOnFrom(theirs)
            case 422:
                return Contradicted(answer.body.decode("ascii", "replace").strip()[:100])
            case status:
                return Failed(_FAILURES.get(status, Failure.MALFORMED))
    except (MalformedNoteError, UnicodeDecodeError):
        return Failed(Failure.MALFORMED)


_FAILURES: Final = {404: Failure.UNKNOWN_ORIGIN, 403: Failure.KEY_REFUSED}


def _added(body: bytes, note: Note, witness: tuple[VerifierKey, ...]) -> Added | Failed:
    lines = Note.parse(note.text.encode() + b"\n" + body)
    if not isinstance(verify(lines, witness), Verified):
        return Failed(Failure.NO_COSIGNATURE)
    expected = {(key.name, key.key_id) for key in witness}
    return Added(tuple(line for line in lines.signatures if (line.name, line.key_id) in expected))


def policy_text(logs: Iterable[VerifierKey], quorum: Quorum) -> str:
    """Log keys, witnesses and quorum as a c2sp.org/tlog-policy file, which `verify.py` and others' tools read.

    A witness with several keys becomes a group of which any key is enough.
    """
    lines = [f"log {key}" for key in logs]
    for name, keys in quorum.witnesses.items():
        if len(keys) == 1:
            lines.append(f"witness {name} {keys[0]}")
            continue
        lines += [f"witness {name}/{at} {key}" for at, key in enumerate(keys, 1)]
        lines.append(f"group {name} any {' '.join(f'{name}/{at}' for at in range(1, len(keys) + 1))}")
    if quorum.enough == 0:
        return "\n".join((*lines, "quorum none", ""))
    return "\n".join((*lines, f"group witnesses {quorum.enough} {' '.join(quorum.witnesses)}", "quorum witnesses", ""))
