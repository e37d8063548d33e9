"""Decides what a witness does with a checkpoint (c2sp.org/tlog-witness): cosign it, or refuse with a named reason.

A witness keeps one state per origin. `decide` is pure; the caller makes the decision atomic:

1. `read_request`, then read the state of the origin;
2. `decide`; for anything but `Cosign`, `answer` and, where `alarm` says so, shout;
3. `cosigned`, then replace the state in one compare-and-set: only if it still is `Cosign.previous`, durably;
4. only then send `answer`. If the state was another one meanwhile, forget the cosignature and go back to 1.

Sent before step 3, or with a state replaced unconditionally, two requests at once could roll the witness back and let
it vouch for two histories. A crash between 3 and 4 loses nothing: the log asks again and gets a new cosignature.

Size 0: a witness that has never seen a log starts at size 0 and asks for no proof from there, since every tree extends
the empty one. A checkpoint of size 0 is cosigned if, and only if, its root is SHA-256 of nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from services.audit.tlog.checkpoints import Checkpoint, read_hash, read_number
from services.audit.tlog.keybook import key_book
from services.audit.tlog.notes import (
    Forged,
    MalformedNoteError,
    Note,
    Signature,
    Unsigned,
    Verified,
    VerifierKey,
    WitnessSigner,
    encode64,
    verify,
)
from services.audit.tlog.proofs import Refuted, verify_consistency

MOST_PROOF_LINES: Final = 63
Logs = Mapping[str, Iterable[VerifierKey]]
"""The logs a witness knows: origin → the keys it starts from; what follows them, the log's own rotations say."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of one origin: the latest checkpoint this witness cosigned."""

    checkpoint: Checkpoint
    note: Note
    """With the signature of the log and our cosignature: the evidence, if the log ever signs something else."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign: the size the witness is asked to go on from, the consistency proof, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def to_bytes(self) -> bytes:
        """The body of an `add-checkpoint` request."""
        lines = (f"old {self.old}", *map(encode64, self.proof), "")
        return "\n".join(lines).encode() + b"\n" + self.note.to_bytes()


class Refusal(StrEnum):
    """Why a request is not considered at all."""

    MALFORMED = "malformed"
    """The body is no `add-checkpoint` request."""
    OLD_SIZE_BEYOND = "old_size_beyond"
    """It asks to go on from more entries than the checkpoint has."""
    UNKNOWN_ORIGIN = "unknown_origin"
    UNSIGNED = "unsigned"
    """No trusted key of the origin signed the checkpoint."""
    BAD_SIGNATURE = "bad_signature"
    """A signature in the name of a trusted key does not verify."""
    KEY_RETIRED = "key_retired"
    """The key that signed does not count for this size: it announced its successor, or was not yet announced."""
    KEYS_DISPUTED = "keys_disputed"
    """One key of the log announced two successors: until people have sorted that out, no key of it is believed."""


class Contradiction(StrEnum):
    """How a checkpoint that the log really signed contradicts what this witness cosigned."""

    SPLIT_VIEW = "split_view"
    """The same size, another root. The two signatures of the log convict it."""
    IMPOSSIBLE = "impossible"
    """Size 0 with the root of some other tree. The signature of the log convicts it."""
    NOT_AN_EXTENSION = "not_an_extension"
    """The proof does not lead from our root to theirs: a rewritten history, or a wrong proof from whoever asked."""
    KEY_RETIRED = "key_retired"
    """Signed by a key that had announced its successor at a smaller size: somebody has it who should not."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Not considered; the state stays."""

    reason: Refusal


@dataclass(frozen=True, slots=True)
class Stale:
    """The request does not start where this witness stands; it may be repeated from `size`. The state stays."""

    size: int
    contradiction: Contradiction | None = None
    """`SPLIT_VIEW` where the offered checkpoint contradicts ours all the same. The protocol demands this answer."""


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """The log signed it and it does not fit: never cosigned; the state stays. Keep both notes and shout."""

    contradiction: Contradiction
    seen: Seen | None
    offered: Note


@dataclass(frozen=True, slots=True)
class Cosign:
    """The checkpoint extends what was seen. To be cosigned, if the state still is `previous`."""

    previous: Seen | None
    checkpoint: Checkpoint
    note: Note
    """The text and the verified signatures of the log, nothing else."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The cosignatures, and the state that must be durable before they are sent."""

    seen: Seen
    signatures: tuple[Signature, ...]


Decision = Cosign | Stale | Inconsistent | Refused


class Answer(NamedTuple):
    """What goes back, over HTTP or NATS: the status of the protocol, its media type and the body."""

    status: int
    media_type: str
    body: bytes


def read_request(body: bytes) -> AddCheckpoint | Refused:
    """The request in the body of `add-checkpoint`."""
    head, separator, note = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        if not separator or not first.startswith("old ") or len(lines) > MOST_PROOF_LINES:
            return Refused(Refusal.MALFORMED)
        old = read_number(first.removeprefix("old "))
        request = AddCheckpoint(old, tuple(map(read_hash, lines)), Note.parse(note))
        Checkpoint.of(request.note)
    except (MalformedNoteError, UnicodeDecodeError):
        return Refused(Refusal.MALFORMED)
    return request


def decide(request: AddCheckpoint, seen: Seen | None, logs: Logs, rotations: Iterable[Note] = ()) -> Decision:
    """What to do about a request, given the state of its origin. The order of the checks is that of tlog-witness.

    `rotations` are the origin's changes of keys that this witness was shown, as `succession` let them in.
    """
    offered = Checkpoint.of(request.note)
    if offered.origin not in logs:
        return Refused(Refusal.UNKNOWN_ORIGIN)
    book = key_book(logs[offered.origin], rotations)
    if book.disputed:
        return Refused(Refusal.KEYS_DISPUTED)
    match verify(request.note, book.terms):
        case Forged():
            return Refused(Refusal.BAD_SIGNATURE)
        case Unsigned():
            return Refused(Refusal.UNSIGNED)
        case Verified(by):
            ours = {(key.name, key.key_id) for key in by if book.terms[key].holds(offered.size)}
            if not ours:
                return Refused(Refusal.KEY_RETIRED)
            lines = (line for line in request.note.signatures if (line.name, line.key_id) in ours)
            return _decide(request, seen, Cosign(seen, offered, Note(request.note.text).signed(*lines)))
        case unexpected:
            assert_never(unexpected)


def _decide(request: AddCheckpoint, seen: Seen | None, cosign: Cosign) -> Decision:
    offered, size = cosign.checkpoint, seen.checkpoint.size if seen else 0
    if request.old > offered.size:
        return Refused(Refusal.OLD_SIZE_BEYOND)
    contradiction = _contradiction(request, offered, seen)
    if request.old != size:
        return Stale(size, contradiction if contradiction is Contradiction.SPLIT_VIEW else None)
    return Inconsistent(contradiction, seen, cosign.note) if contradiction else cosign


def _contradiction(request: AddCheckpoint, offered: Checkpoint, seen: Seen | None) -> Contradiction | None:
    if not offered.is_possible:
        return Contradiction.IMPOSSIBLE
    if seen and offered.size == seen.checkpoint.size and offered.root != seen.checkpoint.root:
        return Contradiction.SPLIT_VIEW
    if request.old == 0:
        return Contradiction.NOT_AN_EXTENSION if request.proof else None
    if seen is None or request.old != seen.checkpoint.size:
        return None  # nothing to compare with; the request is stale
    proved = verify_consistency(request.old, offered.size, request.proof, seen.checkpoint.root, offered.root)
    return Contradiction.NOT_AN_EXTENSION if isinstance(proved, Refuted) else None


def cosigned(decision: Cosign, signers: Iterable[WitnessSigner], timestamp: int) -> Cosigned:
    """The cosignatures of a decision, and the next state; see the module for when they may be sent."""
    signatures = tuple(signer.cosign(decision.note.text, timestamp) for signer in signers)
    return Cosigned(Seen(decision.checkpoint, decision.note.signed(*signatures)), signatures)


def answer(outcome: Cosigned | Stale | Inconsistent | Refused) -> Answer:
    """The response the protocol wants for each outcome."""
    match outcome:
        case Cosigned(_, signatures):
            return Answer(200, "text/plain; charset=utf-8", "".join(map(str, signatures)).encode())
        case Stale(size, _):
            return Answer(409, "text/x.tlog.size", b"%d\n" % size)
        case Inconsistent(Contradiction.SPLIT_VIEW, Seen(checkpoint, _), _):  # tlog-witness demands a conflict for it
            return Answer(409, "text/x.tlog.size", b"%d\n" % checkpoint.size)
        case Inconsistent(contradiction, _, _):
            return Answer(422, "text/plain; charset=utf-8", f"{contradiction}\n".encode())
        case Refused(reason):
            return Answer(_STATUS[reason], "text/plain; charset=utf-8", f"{reason}\n".encode())
        case unexpected:
            assert_never(unexpected)


def alarm(decision: Decision) -> Contradiction | None:
    """What must be shouted about, to people: the log signed something that contradicts what it showed before."""
    match decision:
        case Inconsistent(contradiction, _, _):
            return contradiction
        case Stale(_, contradiction):
            return contradiction
        case Refused(Refusal.KEY_RETIRED):
            return Contradiction.KEY_RETIRED
        case Cosign() | Refused():
            return None
        case unexpected:
            assert_never(unexpected)


_STATUS: Final[Mapping[Refusal, int]] = {
    Refusal.MALFORMED: 400,
    Refusal.OLD_SIZE_BEYOND: 400,
    Refusal.UNKNOWN_ORIGIN: 404,
    Refusal.UNSIGNED: 403,
    Refusal.BAD_SIGNATURE: 403,
    Refusal.KEY_RETIRED: 403,
    Refusal.KEYS_DISPUTED: 403,
}
