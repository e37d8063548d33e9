"""Reads the headers of messages as they come in. The client library does the same, letter by letter of every name."""

from typing import Final

from nats.aio.client import Client

_BLANK: Final = " \t\n\r\x0b\x0c"
"""What the library takes off, of bytes; of text more would count as blank."""


def read_quickly(client: Client) -> None:
    """Has this connection read headers by `parsed`."""
    client._parse_header_lines = parsed  # type: ignore[method-assign]  # noqa: SLF001  # the library offers no other way


def parsed(raw: bytes) -> dict[str, str]:
    """The headers in a block of lines; whatever is unusual in any of them is left to the library."""
    found: dict[str, str] = {}
    for line in raw.decode("utf-8", "replace").split("\r\n"):
        name, told, value = line.partition(": ")
        if told and name.isascii() and name.replace("-", "").isalnum():
            found[name] = value.strip(_BLANK)
        elif line:
            return Client._parse_header_lines(raw)  # noqa: SLF001  # as above
    return found
