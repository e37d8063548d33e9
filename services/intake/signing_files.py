"""Signs files that hold reports, and keeps each signature beside its file, so that somebody else can carry both."""

from enum import Enum, auto
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from contracts.identity import unit as unit_named
from contracts.signatures import Detached
from contracts.subjects import Origin
from services.runtime.addresses import bus_creds
from services.runtime.settings import RuntimeSettings
from services.runtime.signing import sign

SUFFIX: Final = ".sig"


class Signing(Enum):
    """Whether reports are handed in with signatures, and whose."""

    NONE = auto()
    HERE = auto()
    """Made now, with the sender's own key."""
    BESIDE = auto()
    """Made before, perhaps by somebody else, and lying beside each file."""


class NoKeyError(ValueError):
    """No key to sign with: name its file with --key, or enrol the unit on this machine (phoihop identity create)."""


class NoSignatureError(OSError):
    """No usable signature lies beside a file. Make it: phoihop report sign FILE --key KEY."""


def key_of(who: Origin | None, key: Path | None) -> Path:
    """The file of the key to sign with. Raises `NoKeyError`."""
    found = key or (bus_creds(RuntimeSettings(), unit_named(*who)) if who else None)
    if found is None:
        raise NoKeyError("--key, or phoihop identity create")
    return found


def write_beside(file: str, key: Path) -> Path:
    """Sign one file; where the signature lies. Raises `OSError`, `UnusableSecretError`."""
    beside = Path(f"{file}{SUFFIX}")
    beside.write_text(f"{sign(Path(file).read_bytes(), key).model_dump_json()}\n", encoding="ascii")
    return beside


def read_beside(file: str) -> Detached:
    """The signature that lies beside a file. Raises `NoSignatureError`."""
    beside = Path(f"{file}{SUFFIX}")
    try:
        return Detached.model_validate_json(beside.read_bytes())
    except OSError as error:
        raise NoSignatureError(str(error)) from error
    except ValidationError as error:
        raise NoSignatureError(f"{beside}: {error.errors()[0]['msg']}") from error
