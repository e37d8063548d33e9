"""Which unsafe requests come from our own pages, by what browsers say of them."""

import pytest

from services.runtime.web.same_site import from_our_pages

OURS = "https://phoihop.example.vn"
CASES = [
    ({"sec-fetch-site": "same-origin", "origin": OURS}, True, True),
    ({"sec-fetch-site": "same-origin"}, True, True),
    ({"sec-fetch-site": "none"}, True, True),
    ({"origin": OURS}, True, True),
    ({}, False, True),
    ({}, True, False),
    ({"sec-fetch-site": "cross-site"}, False, False),
    ({"sec-fetch-site": "same-site", "origin": OURS}, True, False),
    ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, True, False),
    ({"origin": "null"}, False, False),
    ({"origin": OURS + ".evil.example"}, False, False),
    ({"origin": OURS.upper()}, True, False),
    ({"origin": "http://phoihop.example.vn"}, True, False),
    ({"origin": ""}, True, False),
]


@pytest.mark.parametrize(("headers", "ambient", "taken"), CASES)
def test_a_request_is_taken_or_refused(headers: dict[str, str], *, ambient: bool, taken: bool) -> None:
    """Breaks when a page of another site can act in the name of whoever is signed in here."""
    assert from_our_pages(headers, OURS, ambient=ambient) is taken
