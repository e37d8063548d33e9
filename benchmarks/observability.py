"""What logs and measures cost: two whole systems in one run, one as it is, one whose services have neither.

They cannot be switched off in the product; they are taken out from outside, when Python starts in the processes of that
one system. The other is asked for its measures all the time, as a Prometheus would. There are no traces to judge.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.loading import Loaded
from benchmarks.measuring import machine, table, write
from benchmarks.pairs import compared, in_turn, opened
from benchmarks.unobserved import as_sitecustomize
from benchmarks.whole import SERVICES, Whole

WITH: Final = "as it is"
WITHOUT: Final = "without logs and measures"
GROUP: Final = "services together"
LEVEL: Final = "info"
"""What services log at unless they are told otherwise; other benchmarks make them log warnings only."""
ASKED_SECONDS: Final = 5.0
"""Between two questions for all measures: more often than is usual."""
ANSWER_SECONDS: Final = 30.0
OURS: Final = "phoihop_"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came out of one service until now."""

    log_records: int
    counted: float
    """All measures of ours added up, whatever they count: 0 where nothing was counted."""


Heards = Mapping[str, Mapping[str, Heard]]
"""Side -> service -> what came out of it."""


def run(json: Path, rounds: int, _offline: bool, *, count: int = 1000) -> None:  # noqa: FBT001
    """Both systems in every round; which one is first changes."""
    with TemporaryDirectory(prefix="phoihop-observability-") as folder:
        (Path(folder) / "sitecustomize.py").write_text(as_sitecustomize(), encoding="utf-8")
        figures = asyncio.run(_measured(Path(folder), rounds, count))
    unit = "CPU microseconds a report; ratios pair by pair; `ratio` is that of the services together"
    write(json, {"machine": machine(("prometheus-client", "structlog")) | {"unit": unit}, **figures})


async def _measured(folder: Path, rounds: int, count: int) -> dict[str, Any]:
    async with opened({WITHOUT: folder, WITH: None}, LOG_LEVEL=LEVEL) as systems:
        async with _asked(systems[WITH][0]):
            found = await in_turn(systems, rounds, count)
        heard = {side: await _heard(system) for side, (system, _) in systems.items()}
    return told(found, heard, (rounds + 1) * count)


def told(found: Mapping[str, Sequence[Loaded]], heard: Heards, reports: int) -> dict[str, Any]:
    """Prints what it came to; as JSON. `ratio` is of the three services, which alone log and measure."""
    check(heard)
    figures = compared(found, WITHOUT, WITH, {GROUP: SERVICES})
    rows = [(f"{name}, {side}", f"{one.log_records:,}") for side, of in heard.items() for name, one in of.items()]
    table(f"Log records of {reports:,} reports", ("", "records"), rows)
    heard_ = {side: {name: asdict(one) for name, one in of.items()} for side, of in heard.items()}
    return {"ratio": figures["cpu_share"][GROUP], **figures, "reports": reports, "heard": heard_}


def check(heard: Heards) -> None:
    """That each service of one system logged and counted and none of the other did: else nothing is compared."""
    for name, one in heard[WITH].items():
        assert one.log_records, f"{name} should have logged, and logged nothing"
        assert one.counted, f"{name} should have counted, and counted nothing"
    for name, one in heard[WITHOUT].items():
        assert one == Heard(0, 0), f"{name} should have neither logged nor counted: {one}"


def counted(text: str) -> float:
    """All measures of ours in what Prometheus is told, added up; when a measure was made is none."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith(OURS) and not sample.name.endswith("_created")
    )


async def _heard(system: Whole) -> dict[str, Heard]:
    return {name: Heard(_records(system, name), counted(text)) for name, text in (await _measures(system)).items()}


def _records(system: Whole, name: str) -> int:
    return len((system.stack.home / "logs" / f"{name}.log").read_text(encoding="utf-8").splitlines())


@asynccontextmanager
async def _asked(system: Whole) -> AsyncIterator[None]:
    """Its services are asked for all their measures again and again during the block."""
    asking = asyncio.create_task(_ask(system))
    try:
        yield
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def _ask(system: Whole) -> None:
    while True:
        await _measures(system)
        await asyncio.sleep(ASKED_SECONDS)


async def _measures(system: Whole) -> dict[str, str]:
    urls = {one.name: one.url for one in system.state.processes if one.url is not None and one.name in SERVICES}
    texts = await asyncio.gather(*(asyncio.to_thread(_text, f"{url}/metrics") for url in urls.values()))
    return dict(zip(urls, texts, strict=True))


def _text(url: str) -> str:
    with urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310  # a door of our own on this machine
        return str(answer.read(), "utf-8")
