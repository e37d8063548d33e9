"""Decides whether an unsafe request comes from our own pages (CSRF). Pure: headers in, yes or no out.

By what browsers say of a request, which no page can forge (W3C Fetch Metadata; RFC 6454): no tokens in forms, which a
page kept open over a shift change would lose.
"""

from collections.abc import Mapping
from typing import Final

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})


def from_our_pages(headers: Mapping[str, str], origin: str, *, ambient: bool) -> bool:
    """Whether a request that may change something can be taken.

    `ambient` says that it proves itself by what a browser adds to any request, such as a cookie: then it has to say
    where it comes from, while a program that holds a token may be silent.
    """
    fetch_site, said = headers.get("sec-fetch-site"), headers.get("origin")
    if fetch_site is not None and fetch_site not in _OURS:
        return False
    if said is not None:
        return said == origin
    return fetch_site is not None or not ambient
