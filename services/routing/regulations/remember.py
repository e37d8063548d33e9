"""Builds and keeps the values of decisions cheaply. It decides nothing and never changes an answer."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import TypeVar

from contracts.frozen import Contract

KeyT = TypeVar("KeyT")
AnswerT = TypeVar("AnswerT")
ContractT = TypeVar("ContractT", bound=Contract)


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
    made = contract.__new__(contract)
    put = object.__setattr__
    put(made, "__dict__", values)
    put(made, "__pydantic_fields_set__", _fields(contract))
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    return made


def changed(given: ContractT, **values: object) -> ContractT:
    """The same with other values, known to be valid."""
    return trusted(type(given), **{**given.__dict__, **values})


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
