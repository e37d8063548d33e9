"""Builds and keeps the values of decisions cheaply. It decides nothing and never changes an answer."""

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


@cache
def _fields(contract: type[Contract]) -> set[str]:
    return set(contract.model_fields)
