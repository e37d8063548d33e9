"""What visitors ask for is done piece by piece, followed to its end, and remembered for a while."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.runtime.apart import Seen, WorkFailedError
from services.runtime.web.jobs import Jobs


async def test_jobs_run_one_after_the_other_and_the_same_is_not_begun_twice() -> None:
    at_once, most, gate = 0, 0, asyncio.Event()

    async def work(task: Mapping[str, Any], seen: Seen) -> Mapping[str, Any]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await gate.wait()
        seen(1, 1)
        at_once -= 1
        return {"of": task["of"]}

    jobs = Jobs(work)
    first, again, other = (jobs.start({"work": "check", "of": of}, "a") for of in ("x", "x", "y"))
    assert first is again
    assert first is not other
    gate.set()
    async with asyncio.timeout(40):
        async for seen in other.events(-1):
            if '"running":false' in str(seen.data):
                break
    assert (first.found, other.found, most) == ({"of": "x"}, {"of": "y"}, 1)
    assert jobs.start({"work": "check", "of": "x"}, "a") is not first, "what has ended can be asked for again"
    await jobs.stop()


async def test_a_job_that_fails_says_why_and_the_next_one_runs() -> None:
    async def work(task: Mapping[str, Any], _seen: Seen) -> Mapping[str, Any]:
        if task["of"] == "bad":
            raise WorkFailedError("document", "line 1")
        return {}

    jobs = Jobs(work)
    bad, good = (jobs.start({"work": "cases", "of": of}, "a") for of in ("bad", "good"))
    await asyncio.gather(*jobs._tasks)
    assert (bad.failed, bad.said, bad.running) == ("document", "line 1", False)
    assert (good.failed, good.found) == (None, {})


async def test_old_jobs_are_forgotten_but_none_that_runs() -> None:
    gate = asyncio.Event()

    async def work(task: Mapping[str, Any], _seen: Seen) -> Mapping[str, Any]:
        if task["of"] == "waits":
            await gate.wait()
        return {}

    jobs = Jobs(work)
    for number in range(40):
        jobs.start({"work": "check", "of": str(number)}, "a")
        await asyncio.gather(*jobs._tasks)
    waits = jobs.start({"work": "check", "of": "waits"}, "a")
    for number in range(40):
        jobs.start({"work": "cases", "of": str(number)}, "a")
    assert waits.number in jobs.kept
    assert "0" not in {job.task["of"] for job in jobs.kept.values() if job.task["work"] == "check"}
    await jobs.stop()


async def test_the_newest_job_is_the_one_asked_for_last() -> None:
    async def work(_task: Mapping[str, Any], _seen: Seen) -> Mapping[str, Any]:
        return {}

    jobs = Jobs(work)
    assert jobs.newest() is None
    jobs.start({"work": "check"}, "a")
    last = jobs.start({"work": "cases"}, "a")
    assert jobs.newest() is last
    await jobs.stop()
