"""Reads nats-server's configuration with all it includes; what is not certain is refused. It judges nothing."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NoReturn

Value = str | int | bool | list["Value"] | dict[str, "Value"]

_BETWEEN: Final = re.compile(r"(?:[\s,;]|#[^\n]*|//[^\n]*)*")
_KEY: Final = re.compile(r"""(?P<quote>["'])(?P<quoted>[^"'\n]*)(?P=quote)|(?P<bare>[^\s,;:={}\[\]()"'#]+)""")
_ASSIGN: Final = re.compile(r"[ \t]*[:=]?")
_TEXT: Final = re.compile(r'"(?P<double>(?:[^"\\]|\\.)*)"|\'(?P<single>[^\'\n]*)\'')
_BARE: Final = re.compile(r"[^\s,;{}\[\]()\"'#]+")
_NUMBER: Final = re.compile(r"(-?\d+)(?:([kmgt])(i?b)?)?", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_TRUTHS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_DEEPEST: Final = 10


class UnreadableConfigurationError(ValueError):
    """The configuration cannot be read for certain, so nothing can be said about it."""


def read(path: Path) -> dict[str, Value]:
    """Everything the server is told by this file. Raises `UnreadableConfigurationError`."""
    return _Reader(path, 0).whole()


def named(settings: Mapping[str, Value], *names: str) -> Value | None:
    """The value under any of these names, whose case the server ignores too; None where there is none."""
    return next((value for key, value in settings.items() if key.lower() in names), None)


def block(settings: Mapping[str, Value], *names: str) -> dict[str, Value]:
    """The same where only a block will do; empty for anything else."""
    found = named(settings, *names)
    return found if isinstance(found, dict) else {}


def blocks(settings: Mapping[str, Value], *names: str) -> Iterator[dict[str, Value]]:
    """The blocks of a list."""
    found = named(settings, *names)
    yield from (one for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))


class _Reader:
    """One file, from its start to its end."""

    def __init__(self, path: Path, depth: int) -> None:
        if depth > _DEEPEST:
            raise UnreadableConfigurationError(f"{path}: included too deep")
        try:
            self._text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableConfigurationError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error
        self._path, self._depth, self._at = path, depth, 0

    def whole(self) -> dict[str, Value]:
        """All settings of the file."""
        settings = self._settings(end="")
        if self._at != len(self._text):
            self._refuse()
        return settings

    def _settings(self, end: str) -> dict[str, Value]:
        settings: dict[str, Value] = {}
        while not self._ended(end):
            found = self._match(_KEY)
            key = found["bare"] if found["bare"] is not None else found["quoted"]
            self._match(_ASSIGN)
            if key.lower() == "include":
                settings |= _Reader(self._path.parent / self._string(), self._depth + 1).whole()
            else:
                settings[key] = self._value()
        return settings

    def _value(self) -> Value:
        self._match(_BETWEEN)
        match self._text[self._at : self._at + 1]:
            case "{":
                self._at += 1
                return self._settings("}")
            case "[":
                self._at += 1
                return self._items()
            case '"' | "'":
                return self._string()
            case _:
                return self._bare()

    def _items(self) -> list[Value]:
        items: list[Value] = []
        while not self._ended("]"):
            items.append(self._value())
        return items

    def _string(self) -> str:
        if (found := _TEXT.match(self._text, self._at)) is None:
            return self._match(_BARE)[0]
        self._at = found.end()
        single: str | None = found["single"]
        return single if single is not None else _ESCAPED.sub(r"\1", found["double"])

    def _bare(self) -> Value:
        word: str = self._match(_BARE)[0]
        if word.startswith("$"):
            raise UnreadableConfigurationError(f"{self._path}: the variable {word} is not followed; write its value")
        if word.lower() in _TRUTHS:
            return _TRUTHS[word.lower()]
        if (number := _NUMBER.fullmatch(word)) is None:
            return word
        unit = 1024 if number[3] else 1000
        times: int = unit ** (" kmgt".index(number[2].lower()) if number[2] else 0)
        return int(number[1]) * times

    def _ended(self, end: str) -> bool:
        self._match(_BETWEEN)
        if end and self._text.startswith(end, self._at):
            self._at += 1
            return True
        if self._at == len(self._text):
            return not end or self._refuse()
        return False

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        if (found := pattern.match(self._text, self._at)) is None:
            self._refuse()
        self._at = found.end()
        return found

    def _refuse(self) -> NoReturn:
        line = self._text.count("\n", 0, self._at) + 1
        raise UnreadableConfigurationError(f"{self._path}: line {line} cannot be read")
