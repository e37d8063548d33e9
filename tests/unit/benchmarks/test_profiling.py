"""Folded stacks become shares of places that a reader knows."""

import asyncio
import selectors

from benchmarks.profiling import REST, SHOWN, place, shares

SITE = "/x/.venv/lib/python3.11/site-packages"


def test_a_frame_is_named_by_its_package_its_part_of_ours_or_its_module() -> None:
    assert place(f"_process_msg ({SITE}/nats/aio/client.py:1)") == "nats"
    assert place("decide (/x/services/routing/regulations/engine/decide.py:9)") == "services/routing/regulations"
    assert place("read (/x/contracts/envelope.py:1)") == "contracts"
    assert place(f"run ({asyncio.__file__}:5)") == "asyncio"


def test_only_the_innermost_frame_counts() -> None:
    found = shares(
        [f"a (/x/services/intake/app.py:1);b ({SITE}/nats/js/client.py:2) 3", f"c ({SITE}/pydantic/m.py:1) 1"]
    )
    assert found == {"nats": 0.75, "pydantic": 0.25}


def test_waiting_for_something_to_do_is_no_work() -> None:
    assert shares([f"select ({selectors.__file__}:469) 90", f"c ({SITE}/pydantic/m.py:1) 10"]) == {"pydantic": 1}


def test_the_many_small_places_are_told_together() -> None:
    found = shares([f"f ({SITE}/package{number}/a.py:1) 1" for number in range(SHOWN + 3)])
    assert len(found) == SHOWN + 1
    assert found[REST] == 3 / (SHOWN + 3)
    assert sum(found.values()) == 1
