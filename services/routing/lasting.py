"""Spares what stays in memory for good from being looked through for garbage again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FACTS: Final = 2000
"""So many are added before they are set aside: what is made in between is all that is looked through."""
YOUNG: Final = 20_000
"""So many new objects before they are looked through: most that a batch makes are gone by then anyway."""


class Lasting:
    """What of the incidents is kept. Looking through all of it whenever it had grown took a fifth of deciding's time.

    Only that is spared: whatever nobody refers to any more goes at once, as everywhere.
    """

    def __init__(self) -> None:
        self._added = 0

    @contextmanager
    def loading(self) -> Iterator[None]:
        """What is read meanwhile stays: looking through it as it grows was half of a load's time."""
        before = gc.isenabled()
        gc.disable()
        try:
            yield
            gc.freeze()
            gc.set_threshold(YOUNG)
        finally:
            if before:
                gc.enable()

    def add(self, facts: int) -> None:
        """So many facts more are kept.

        What is in use at this moment is set aside with them. If some of it later refers to itself in a circle it is
        never found: a few objects for the many thousands that were to be kept.
        """
        self._added += facts
        if self._added >= FACTS:
            self._added = 0
            gc.collect(1)  # circles that are garbage already are not to stay
            gc.freeze()
