"""How long nothing came: pure, from the moments at which something did."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise


def longest(moments: Sequence[float], since: float, until: float) -> float:
    """The longest time without one between the two, its ends counted; `moments` in order."""
    within = moments[bisect_left(moments, since) : bisect_right(moments, until)]
    return max((later - earlier for earlier, later in pairwise((since, *within, until))), default=0.0)
