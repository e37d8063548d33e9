"""Builds what encrypts a connection to the bus, from the certificates in a program's key file; issues none.

The file that proves who a program is may go on, after its seed, with PEM blocks: the program's own certificate, that
certificate's key, and the authorities whose servers it believes. Such a program speaks TLS 1.3 from the first byte: a
server, or who sits between, cannot talk it into less.
"""

import logging
import re
import ssl
from pathlib import Path
from typing import Final

from services.runtime.secret_files import UnusableSecretError

_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_KEY: Final = "PRIVATE KEY-----"
_NOISE: Final = "returning true from eof_received() has no effect when using ssl"


def encryption(path: Path) -> ssl.SSLContext | None:
    """What the file says of encryption; None where it holds no certificates.

    Raises `UnusableSecretError`; its text shows nothing of a key.
    """
    try:
        text = path.read_text(encoding="ascii")
        certificates = _CERTIFICATE.findall(text)
        return _context(path, certificates, with_own=_KEY in text) if certificates else None
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise UnusableSecretError(f"{path}: its certificates cannot be used ({type(error).__name__})") from error


def _context(path: Path, certificates: list[str], *, with_own: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    authorities = certificates[1:] if with_own else certificates
    context.load_verify_locations(cadata="\n".join(authorities))
    if with_own:
        context.load_cert_chain(path)
    logging.getLogger("asyncio").addFilter(_worth_telling)
    return context


def _worth_telling(record: logging.LogRecord) -> bool:
    """The client library upgrades its stream in a way that asyncio remarks upon at each end of a connection."""
    return _NOISE not in record.getMessage()
