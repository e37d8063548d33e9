"""Decides which subject is more than any identity of ours may be allowed. Pure."""

from typing import Final

from contracts import subjects
from contracts.streams import EVENTS

_WILD: Final = frozenset({"*", ">"})
_FIXED_BEFORE_THE_REST: Final = 3
_HANDED_IN: Final = subjects.REPORT_INBOX.split(".", maxsplit=1)[0]
_RECEIPTS: Final = subjects.receipts("*", "*").split(".", maxsplit=1)[0]
_DESTROYING: Final = (("STREAM", "DELETE"), ("STREAM", "PURGE"), ("STREAM", "RESTORE"), ("CONSUMER", "DELETE"))
_ONE_MESSAGE: Final = ("STREAM", "MSG", "DELETE")
_NEVER_TAKEN_OUT: Final = frozenset({("*",), (">",), (EVENTS.name,)})


def too_wide(subject: str, key: str, *, in_core: bool) -> bool:
    """Whether this subject lets its holder, who proves to hold `key`, hear, forge or destroy what is not his.

    Outside the hub's own account `>` only follows three fixed tokens, and whoever hands in or gets receipts is named.
    """
    first, *rest = subject.split(".")
    if first in _WILD or first == "$SYS":
        return True
    if first == "_INBOX":
        return rest[:1] != [key]
    if first == "$JS":
        return _api_too_wide(rest) if in_core else not _own_consumer_or_message(rest)
    if in_core:
        return False
    if first in {_HANDED_IN, _RECEIPTS} and not _WILD.isdisjoint(rest):
        return True
    return first == "_R_" or (rest[-1:] == [">"] and not _WILD.isdisjoint([first, *rest[: _FIXED_BEFORE_THE_REST - 1]]))


def _api_too_wide(rest: list[str]) -> bool:
    """Of the server's own API: everything at once, or what no identity of ours may ever do."""
    if rest[:1] != ["API"]:
        return not _WILD.isdisjoint(rest[:2])
    call = tuple(rest[1:])
    if any(not _WILD.isdisjoint(call[: len(one)]) or call[: len(one)] == one for one in _DESTROYING):
        return True
    return call[:2] == _ONE_MESSAGE[:2] and (call[2:3] != _ONE_MESSAGE[2:] or call[3:4] in _NEVER_TAKEN_OUT)


def _own_consumer_or_message(rest: list[str]) -> bool:
    """What parties may ask the server: to work through a named durable, and for the last message of given subjects."""
    match rest:
        case ["ACK", stream, durable, ">"]:
            return _WILD.isdisjoint((stream, durable))
        case ["API", "CONSUMER", "INFO" | "RESET", stream, durable]:
            return _WILD.isdisjoint((stream, durable))
        case ["API", "CONSUMER", "MSG", "NEXT", stream, durable]:
            return _WILD.isdisjoint((stream, durable))
        case ["API", "DIRECT", "GET", stream, first, *others]:
            return _WILD.isdisjoint((stream, first)) and ">" not in others and set(others) != {"*"}
        case _:
            return False
