"""What stays in memory is looked through for garbage no more than once, and what is garbage still goes."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from services.routing.lasting import FACTS, Lasting


class Circle:
    """Something that only a look for garbage finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Other tests find the collector as this one did."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_facts_are_set_aside_once_there_are_enough() -> None:
    """Else every full look for garbage goes through all incidents ever decided, and the more they are the longer."""
    lasting, before = Lasting(), gc.get_freeze_count()
    lasting.add(FACTS - 1)
    assert gc.get_freeze_count() == before
    kept = [[number] for number in range(1000)]
    lasting.add(1)
    assert gc.get_freeze_count() - before >= len(kept)


def test_what_is_garbage_by_then_is_not_kept() -> None:
    """Else everything that refers to itself, such as an error with its traceback, stays for ever: memory grows."""
    lasting = Lasting()
    seen = weakref.ref(Circle())
    lasting.add(FACTS)
    assert seen() is None


def test_what_nobody_refers_to_goes_also_after_it_was_set_aside() -> None:
    """An incident is replaced with every fact: the old ones must not pile up."""
    lasting, kept = Lasting(), {1}
    seen = weakref.ref(kept)
    lasting.add(FACTS)
    assert seen() is not None
    del kept
    assert seen() is None


def test_loading_leaves_the_collector_as_it_was_and_sets_aside_what_was_read() -> None:
    """A collector left off would never find what refers to itself."""
    lasting, before = Lasting(), gc.get_freeze_count()
    with lasting.loading():
        assert not gc.isenabled()
        kept = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() - before >= len(kept)
