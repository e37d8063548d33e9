"""Builds contract values from fields that were checked before; nothing from outside may come this way."""

from functools import cache
from typing import Any, TypeVar

from contracts.frozen import Contract

ContractT = TypeVar("ContractT", bound=Contract)


@cache
def _fields(contract: type[Contract]) -> set[str]:
    return set(contract.model_fields)


def trusted(contract: type[ContractT], fields: dict[str, Any]) -> ContractT:
    """The value with exactly these fields, all of them given; five times as fast as `model_construct`.

    A register has thousands of records of a few templates, and every command loads it.
    """
    value = contract.__new__(contract)
    put = object.__setattr__  # the contract is frozen
    put(value, "__dict__", fields)
    put(value, "__pydantic_fields_set__", _fields(contract))
    put(value, "__pydantic_extra__", None)
    put(value, "__pydantic_private__", None)
    return value
