"""Reads, writes, signs and verifies C2SP signed notes: log signatures and timestamped witness cosignatures, Ed25519.

It implements c2sp.org/signed-note@v1.0.0 for signature types 0x01 and 0x04 (c2sp.org/tlog-cosignature, there
`cosignature/v1`); signatures of other types belong to unknown keys and are ignored, as the specification asks. It makes
no keys and reads no clock: seed and timestamp are arguments.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import ClassVar, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MOST_SIGNATURES: Final = 100
"""The specification demands at least 16; more than this is an attack, not a note."""
LATEST_TIMESTAMP: Final = 2**63 - 1

_KEY_SIZE: Final = 32
_SIGNATURE_SIZE: Final = 64
_TIMESTAMP_SIZE: Final = 8
_ID_SIZE: Final = 4
_PRIME: Final = 2**255 - 19
_EIGHTH: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER: Final = frozenset({0, 1, _EIGHTH, _PRIME - _EIGHTH, _PRIME - 1})
"""The y coordinates of the eight points whose order divides 8."""
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VERIFIER: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_SECRET: Final = re.compile(r"PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_LINE: Final = re.compile("— ([^ ]+) ([A-Za-z0-9+/=]+)")


class MalformedNoteError(ValueError):
    """The text is no signed note, checkpoint or key as the C2SP specifications define them."""


class SignatureType(IntEnum):
    """The signature type bytes this project signs and verifies with."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name; `str()` gives the vkey text form.

    Stricter than Ed25519 libraries: a key with a non-canonical encoding or of small order is refused, because under
    such a key one signature fits many messages, and verifiers disagree about them.
    """

    name: str
    type: SignatureType
    public: bytes

    def __post_init__(self) -> None:
        require_name(self.name)
        if not is_usable(self.public):
            raise MalformedNoteError(f"{self.name}: no usable Ed25519 public key")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key)."""
        return hashlib.sha256(b"%b\n%c%b" % (self.name.encode(), self.type, self.public)).digest()[:_ID_SIZE]

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key from its vkey text. Raises `MalformedNoteError`, also for a signature type not supported here."""
        name, key_id, kind, public = _key_parts(_VERIFIER, text)
        key = cls(name, kind, public)
        if key.key_id.hex() != key_id:
            raise MalformedNoteError(f"{name}: the key id does not belong to this key")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode64(bytes((self.type,)) + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who says to have signed, and the bytes; nothing here is verified."""

    name: str
    key_id: bytes
    blob: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """A signature from its line, without the line feed. Raises `MalformedNoteError`."""
        if not (found := _LINE.fullmatch(line)):
            raise MalformedNoteError("a signature line is malformed")
        require_name(found[1])
        blob = decode64(found[2])
        if len(blob) <= _ID_SIZE:
            raise MalformedNoteError("a signature is empty")
        return cls(found[1], blob[:_ID_SIZE], blob[_ID_SIZE:])

    def __str__(self) -> str:
        return f"— {self.name} {encode64(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a line feed, and its signature lines. The text means nothing before `verify` says so."""

    text: str
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """A note from its bytes. Raises `MalformedNoteError`."""
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise MalformedNoteError("a note is UTF-8") from error
        text, separator, lines = whole.rpartition("\n\n")
        if not separator or not lines.endswith("\n") or _CONTROL.search(whole):
            raise MalformedNoteError("a note is text, an empty line and signature lines, without control characters")
        signatures = lines[:-1].split("\n")
        if len(signatures) > MOST_SIGNATURES:
            raise MalformedNoteError(f"more than {MOST_SIGNATURES} signatures")
        return cls(f"{text}\n", tuple(Signature.parse(line) for line in signatures))

    def signed(self, *signatures: Signature) -> Self:
        """The same text with these signatures after those it has; one that is there already is not repeated."""
        new = tuple(signature for signature in dict.fromkeys(signatures) if signature not in self.signatures)
        return replace(self, signatures=(*self.signatures, *new))

    def to_bytes(self) -> bytes:
        """The note as it is stored and sent."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}".encode()


@dataclass(frozen=True, slots=True)
class _Signer:
    """A secret key under a name: an Ed25519 seed of 32 bytes."""

    name: str
    seed: bytes = field(repr=False)
    type: ClassVar[SignatureType]

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, self.type, public.public_bytes_raw())

    @classmethod
    def parse(cls, secret: str) -> Self:
        """A key from the text form of golang.org/x/mod/sumdb/note. Raises `MalformedNoteError`, without the secret."""
        name, key_id, kind, seed = _key_parts(_SECRET, secret)
        signer = cls(name, seed)
        if kind is not cls.type or signer.verifier.key_id.hex() != key_id:
            raise MalformedNoteError(f"{name}: no key of this kind, or its key id does not belong to it")
        return signer

    def secret(self) -> str:
        """The text form for a key file; whoever reads it can sign."""
        material = encode64(bytes((self.type,)) + self.seed)
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{material}"

    def _line(self, message: bytes, timestamp: bytes = b"") -> Signature:
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
        return Signature(self.name, self.verifier.key_id, timestamp + signature)


@dataclass(frozen=True, slots=True)
class LogSigner(_Signer):
    """A log's secret key: signs the text as it is (signature type 0x01). Keep it outside the database."""

    type: ClassVar = SignatureType.ED25519

    def sign(self, text: str) -> Signature:
        """The signature line over a note's text."""
        return self._line(text.encode())


@dataclass(frozen=True, slots=True)
class WitnessSigner(_Signer):
    """A witness's secret key: cosigns checkpoints with a time (signature type 0x04). Never also a log's key."""

    type: ClassVar = SignatureType.COSIGNATURE

    def cosign(self, text: str, timestamp: int) -> Signature:
        """The cosignature over a checkpoint's text; the timestamp is POSIX seconds, at least 1 (tlog-witness)."""
        if not 0 < timestamp <= LATEST_TIMESTAMP:
            raise ValueError(f"{timestamp} is no timestamp of a cosignature")
        return self._line(cosigned_message(text, timestamp), timestamp.to_bytes(_TIMESTAMP_SIZE))


@dataclass(frozen=True, slots=True)
class Verified:
    """Known keys that signed, each once; at least one. The value is the newest cosignature time, 0 for a log key."""

    by: dict[VerifierKey, int]


@dataclass(frozen=True, slots=True)
class Forged:
    """A signature that claims to be of this known key is not: the whole note is to be refused."""

    key: VerifierKey


@dataclass(frozen=True, slots=True)
class Unsigned:
    """No known key signed. Signatures of unknown keys say nothing."""


def verify(note: Note, keys: Iterable[VerifierKey]) -> Verified | Forged | Unsigned:
    """Who of these keys signed the note, by the rules of signed-note."""
    known = {(key.name, key.key_id): key for key in keys}
    by: dict[VerifierKey, int] = {}
    for signature in note.signatures:
        if (key := known.get((signature.name, signature.key_id))) is None:
            continue
        if not _is_by(key, signature.blob, note.text):
            return Forged(key)
        timestamp = signature.blob[:_TIMESTAMP_SIZE] if key.type is SignatureType.COSIGNATURE else b""
        by[key] = max(by.get(key, 0), int.from_bytes(timestamp))
    return Verified(by) if by else Unsigned()


def cosigned_message(text: str, timestamp: int) -> bytes:
    """What an Ed25519 cosignature signs (tlog-cosignature)."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def is_usable(public: bytes) -> bool:
    """Whether these are 32 bytes, the canonical encoding, and not of small order; see `VerifierKey`."""
    height = int.from_bytes(public, "little") & (2**255 - 1)
    return len(public) == _KEY_SIZE and height < _PRIME and height not in _SMALL_ORDER


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a usable key signed the message (RFC 8032 §5.1.7, without cofactor)."""
    if not is_usable(public) or len(signature) != _SIGNATURE_SIZE:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):  # the latter: no point of the curve
        return False
    return True


def require_name(name: str) -> None:
    """Raise `MalformedNoteError` unless signed-note allows this as the name of a key."""
    if not name or "+" in name or _CONTROL.search(name) or any(letter.isspace() for letter in name):
        raise MalformedNoteError("a key name is not empty and holds no space, plus sign or control character")


def encode64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 §4)."""
    return base64.b64encode(data).decode()


def decode64(text: str) -> bytes:
    """The reverse of `encode64`; raises `MalformedNoteError` for any text that `encode64` does not write."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedNoteError("not base64") from error
    if encode64(data) != text:
        raise MalformedNoteError("not canonical base64")
    return data


def _is_by(key: VerifierKey, blob: bytes, text: str) -> bool:
    if key.type is SignatureType.ED25519:
        return is_signed(key.public, text.encode(), blob)
    timestamp, signature = int.from_bytes(blob[:_TIMESTAMP_SIZE]), blob[_TIMESTAMP_SIZE:]
    return timestamp <= LATEST_TIMESTAMP and is_signed(key.public, cosigned_message(text, timestamp), signature)


def _key_parts(form: re.Pattern[str], text: str) -> tuple[str, str, SignatureType, bytes]:
    if not (found := form.fullmatch(text)):
        raise MalformedNoteError("no key of the expected form")
    material = decode64(found[3])
    if material[0] not in set(SignatureType) or len(material) != 1 + _KEY_SIZE:
        raise MalformedNoteError(f"{found[1]}: only Ed25519 keys are supported")
    return found[1], found[2], SignatureType(material[0]), material[1:]
