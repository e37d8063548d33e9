"""Signs reports with the key under which a unit or desk connects, and tells whether such a signature is true.

Whose key it is, and until when, is not known here.
"""

import base64
from pathlib import Path

import nkeys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.signatures import Detached, signed_text
from services.runtime.credentials import public_key, read_seed

_KEY: slice = slice(1, 33)
"""Between the letter that says what kind of key it is and the checksum."""


def sign(body: bytes, key: Path) -> Detached:
    """The signature of a submission by the key in this file. Raises `UnusableSecretError`."""
    seed, _ = read_seed(key)
    signer = public_key(seed, key)
    _, told = signed_text(body)
    signature = bytes(nkeys.from_seed(bytearray(seed)).sign(told))
    return Detached(signer=signer, signature=base64.b64encode(signature).decode())


def is_signed(signer: str, text: bytes, signature: bytes) -> bool:
    """Whether the holder of this public key signed the text (RFC 8032 §5.1.7)."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b32decode(signer)[_KEY]).verify(signature, text)
    except (InvalidSignature, ValueError):  # the latter: no key
        return False
    return True
