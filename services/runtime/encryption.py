"""Builds what encrypts connections: to the bus from a program's key file, to an HTTP door from settings; issues none.

The file that proves who a program is may go on, after its seed, with PEM blocks: the program's own certificate, that
certificate's key, and the authorities whose servers it believes. Such a program speaks TLS 1.3 from the first byte: a
server, or who sits between, cannot talk it into less.
"""

import asyncio
import re
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import ParseResult

from nats.aio import client
from nats.aio.transport import TcpTransport

from services.runtime.secret_files import UnusableSecretError, open_to_others

_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_KEY: Final = "PRIVATE KEY-----"


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


def https(certificate: Path, key: Path) -> ssl.SSLContext:
    """What an HTTP door encrypts with: TLS 1.3 and nothing else.

    Raises `UnusableSecretError`; its text shows nothing of the key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        if open_to_others(key):
            raise UnusableSecretError(f"{key}: others may read this key; chmod 600")
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise UnusableSecretError(f"{certificate}, {key}: cannot be used ({type(error).__name__})") from error
    return context


def _context(path: Path, certificates: list[str], *, with_own: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    authorities = certificates[1:] if with_own else certificates
    context.load_verify_locations(cadata="\n".join(authorities))
    if with_own:
        context.load_cert_chain(path)
    client.__dict__["TcpTransport"] = EncryptedStream  # the library offers no other way to name its stream
    return context


class EncryptedStream(TcpTransport):
    """The library's stream, upgraded in place.

    The stock one remarks on standard error at each end of an encrypted connection, and after a handshake that failed
    waits for ever for the end of a stream that asyncio has closed already.
    """

    async def connect_tls(
        self, uri: str | ParseResult, ssl_context: ssl.SSLContext, buffer_size: int, connect_timeout: int
    ) -> None:
        """Encrypts, or leaves nothing that anybody could wait for."""
        del buffer_size
        name = uri if isinstance(uri, str) else uri.hostname
        writer = self._io_writer
        try:
            if writer is not None:
                await asyncio.wait_for(writer.start_tls(ssl_context, server_hostname=name), connect_timeout)
        except BaseException:
            self._io_reader = self._io_writer = None
            raise
