"""How a code speaks to people: what it means and what to do, in two languages."""

from typing import NamedTuple


class Wording(NamedTuple):
    """What a code says to people, and what they can do."""

    vi: str
    en: str
    fix_vi: str
    fix_en: str
