"""Turns a contract into the one byte string that stands for its content (RFC 8785) and into its SHA-256 digest."""

import hashlib
from collections.abc import Mapping

import rfc8785
from pydantic import BaseModel


def canonical_bytes(value: BaseModel | Mapping[str, object]) -> bytes:
    """RFC 8785 bytes of the value; equal content gives equal bytes, whatever order or spacing it arrived in.

    Raises `rfc8785.CanonicalizationError` for what JSON cannot say exactly (NaN, integers beyond 2**53).
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else dict(value)
    return rfc8785.dumps(plain)  # type: ignore[arg-type]  # the library types JSON recursively, pydantic returns Any


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256, 64 characters."""
    return hashlib.sha256(data).hexdigest()


def content_digest(value: BaseModel | Mapping[str, object]) -> str:
    """SHA-256 over the canonical bytes without what is absent: two reports are 'the same content' when these agree.

    A field that a later version adds, and that a report does not have, so leaves the digest of that report as it was.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return sha256_hex(canonical_bytes({name: _present(held) for name, held in plain.items() if held is not None}))


def _present(value: object) -> object:
    """The value without members that are null; places in a list are kept."""
    if isinstance(value, Mapping):
        return {name: _present(held) for name, held in value.items() if held is not None}
    return [_present(one) for one in value] if isinstance(value, list | tuple) else value
