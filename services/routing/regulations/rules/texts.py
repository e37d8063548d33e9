"""The one text that stands for a regulation set or a register: its bytes, its digest, its parts and back. Pure."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from contracts.activation import PART_BYTES, REGISTER_CODE, ReferenceRecorded, TextKind
from contracts.canonical import sha256_hex
from contracts.register import Register
from services.routing.regulations.rules.model import RegulationSet

ModelT = TypeVar("ModelT", bound=BaseModel)

_PIECES: Final = re.compile(r"\d+|\D+")


class TextKey(NamedTuple):
    """Which text: the same key never has two."""

    kind: TextKind
    code: str
    version: str


class BrokenTextError(ValueError):
    """What was recorded is not the text its digest names, or no set or register of today's form."""


@dataclass(frozen=True, slots=True)
class Text:
    """The RFC 8785 bytes of a set or register; a field that equals its default is left out.

    So a field added to the model years later changes no recorded text and no digest.

    Rejected: the files as they are. Comments and spacing would make another text of the same law, and reading them
    years later would need the templates and lists of that day.
    """

    key: TextKey
    sha256: str
    content: bytes

    def parts(self) -> tuple[ReferenceRecorded, ...]:
        """The facts that record it, in order."""
        starts = range(0, len(self.content), PART_BYTES)
        return tuple(
            ReferenceRecorded(
                kind=self.key.kind,
                code=self.key.code,
                version=self.key.version,
                sha256=self.sha256,
                size=len(self.content),
                part=part,
                parts=len(starts),
                content=self.content[start : start + PART_BYTES],
            )
            for part, start in enumerate(starts, start=1)
        )


def text_of_set(regulation_set: RegulationSet) -> Text:
    """The text of a regulation set."""
    return _text(TextKey(TextKind.REGULATIONS, regulation_set.code, regulation_set.version), regulation_set)


def text_of_register(register: Register) -> Text:
    """The text of a register, with everything its templates and lists gave it."""
    return _text(TextKey(TextKind.REGISTER, REGISTER_CODE, register.version), register)


def joined(parts: Sequence[ReferenceRecorded]) -> Text:
    """The text in its parts. Raises `BrokenTextError` unless they are all there and give the digest they name."""
    content = b"".join(part.content for part in parts)
    if not parts or len(parts) != parts[0].parts or sha256_hex(content) != parts[0].sha256:
        raise BrokenTextError("the recorded parts do not give the text they name")
    return Text(TextKey(parts[0].kind, parts[0].code, parts[0].version), parts[0].sha256, content)


def set_in(text: Text) -> RegulationSet:
    """The regulation set in a text. Raises `BrokenTextError`."""
    return _read(RegulationSet, text)


def register_in(text: Text) -> Register:
    """The register in a text. Raises `BrokenTextError`."""
    return _read(Register, text)


def newer(version: str, than: Iterable[str]) -> bool:
    """Whether a version comes after all of these; numbers in it count as numbers."""
    return all(_rank(version) > _rank(other) for other in than)


def _rank(version: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((1, int(piece), "") if piece.isdigit() else (0, 0, piece) for piece in _PIECES.findall(version))


def _text(key: TextKey, value: BaseModel) -> Text:
    # The same bytes as `rfc8785.dumps`, which a test holds it to, in a sixth of its time on a register of 3 MB: names
    # are ASCII and numbers whole, where the orderings and notations of the two agree.
    plain = value.model_dump(mode="json", exclude_defaults=True)
    content = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return Text(key, sha256_hex(content), content)


def _read(model: type[ModelT], text: Text) -> ModelT:
    try:
        return model.model_validate_json(text.content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BrokenTextError(f"{where or 'text'}: {first['msg']}") from error
