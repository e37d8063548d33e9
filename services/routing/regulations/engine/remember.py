"""Builds and keeps the values of decisions cheaply. It decides nothing and never changes an answer."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from contracts.frozen import Contract

KeyT = TypeVar("KeyT")
AnswerT = TypeVar("AnswerT")
ContractT = TypeVar("ContractT", bound=Contract)

_STATE: Final[Any] = BaseModel.__dict__
_put_values: Final = _STATE["__dict__"].__set__
_put_fields: Final = _STATE["__pydantic_fields_set__"].__set__
_put_extra: Final = _STATE["__pydantic_extra__"].__set__
_put_private: Final = _STATE["__pydantic_private__"].__set__
"""All of a model's state, set as pydantic's `model_construct` does, without looking each up again."""


class Memo(dict[KeyT, AnswerT]):
    """Answers of a pure function by all it was given; when full, the older half is forgotten and computed again."""

    def __init__(self, kept: int) -> None:
        super().__init__()
        self._kept = kept

    def __setitem__(self, key: KeyT, answer: AnswerT) -> None:
        if len(self) >= self._kept:
            for old in list(islice(self, self._kept // 2)):
                del self[old]
        super().__setitem__(key, answer)


def trusted(contract: type[ContractT], **values: object) -> ContractT:
    """A contract value from all its fields, known to be valid: `model_construct` without reading the fields each time.

    A test reads every decision back through the validating contract.
    """
    return taken(contract, values)


def taken(contract: type[ContractT], values: dict[str, object]) -> ContractT:
    """The same, keeping the dictionary itself: nobody else may hold it."""
    made = object.__new__(contract)
    _put_values(made, values)
    _put_fields(made, _fields(contract))
    _put_extra(made, None)
    _put_private(made, None)
    return made


def changed(given: ContractT, **values: object) -> ContractT:
    """The same with other values, known to be valid."""
    return taken(type(given), {**given.__dict__, **values})


@contextmanager
def uncollected() -> Iterator[None]:
    """Spares a computation the search for reference cycles, which reads all of the register again and again.

    Values of contracts form no cycles, so what is dropped meanwhile is freed all the same.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@cache
def _fields(contract: type[Contract]) -> set[str]:
    return set(contract.model_fields)
