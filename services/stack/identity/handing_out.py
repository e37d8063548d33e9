"""Hands out the key of an identity: as the one file a program needs, or as a QR code for a device that scans it."""

import io
import json
from pathlib import Path

from contracts.identity import Identity
from services.runtime.embedded.local_stack import running_stack
from services.runtime.secret_files import appear
from services.stack.identity.keeping import Keeping
from services.stack.identity.membership import NotEnrolledError
from services.stack.identity.minting import Minting


def handed_out(keeping: Keeping, who: Identity, to: Path | None, *, signed: bool = False, move: bool = False) -> None:
    """Writes seed and certificates, `signed` for servers told by JWT, for its owner only; `move` keeps none here.

    Raises `NotEnrolledError`, `OSError`; `FileExistsError` where the file is there.
    """
    content = _seed(keeping, who)
    if signed:
        content = Minting(keeping).mint(who).read_bytes()
    if to is not None and not appear(to, content):
        raise FileExistsError(f"{to} is there already")
    if move:
        keeping.seed_file(who).unlink()
        Minting(keeping).creds_file(who).unlink(missing_ok=True)


def drawn(keeping: Keeping, who: Identity) -> str:
    """The key and where to connect, as a QR code for a terminal; certificates do not fit. Raises `NotEnrolledError`."""
    import segno  # noqa: PLC0415 - only a command that draws needs it

    state = running_stack(keeping.home)
    content = {
        "identity": who.name,
        "nats": state.nats_url if state else None,
        "seed": _seed(keeping, who).decode().split("\n", maxsplit=1)[0],
    }
    out = io.StringIO()
    segno.make_qr(json.dumps(content), error="m").terminal(out=out, compact=True)
    return out.getvalue()


def _seed(keeping: Keeping, who: Identity) -> bytes:
    if keeping.book().member(who) is None or not keeping.seed_file(who).exists():
        raise NotEnrolledError(who.name)
    return keeping.seed_file(who).read_bytes()
