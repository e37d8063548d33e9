"""Every difference between the data and the server is found, field by field; nothing is compared by name alone."""

from pathlib import Path
from typing import Any

import pytest

from contracts.codes import Space
from contracts.streams import CONSUMERS, STREAMS, Consumer, Stream, desk_consumer
from services.runtime import topology
from services.runtime.register.loading import load_register
from services.runtime.topology import CONSUMER_OFF, STREAM_OFF, Change, consumer_config, stream_config

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference"
DURABLES = (*CONSUMERS, desk_consumer(Space.ACTUAL, "a", "d"))
DANGERS = {
    "max_age": 60_000_000_000,
    "mirror": {"name": "X"},
    "sources": [{"name": "X"}],
    "republish": {"src": ">", "dest": "copy.>"},
    "subject_transform": {"src": ">", "dest": "x"},
}


class Server:
    """Answers INFO with one configuration, whatever is asked."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config


@pytest.fixture(autouse=True)
def _info(monkeypatch: pytest.MonkeyPatch) -> None:
    async def info(client: Any, _subject: str, _not_found: int) -> dict[str, Any]:
        return {"config": client.config}

    monkeypatch.setattr(topology, "_info", info)


async def _diff(
    config: dict[str, Any], *, streams: tuple[Stream, ...] = (), consumers: tuple[Consumer, ...] = ()
) -> Any:
    server: Any = Server(config)
    return await topology.diff(server, streams, consumers)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
async def test_a_stream_as_it_should_be_is_no_drift(stream: Stream) -> None:
    defaults: dict[str, Any] = {"max_age": 0, "sealed": False, "allow_rollup_hdrs": stream.allow_msg_schedules}

    assert await _diff(defaults | stream_config(stream), streams=(stream,)) == []


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
async def test_every_setting_of_a_stream_is_compared(stream: Stream) -> None:
    """A setting that is sent once and never looked at again protects until somebody changes it."""
    config = stream_config(stream)
    for field, wanted in config.items():
        found = await _diff(config | {field: _other(wanted)}, streams=(stream,))

        assert found == [Change("stream", stream.name, "update", {field: (_other(wanted), wanted)})]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
@pytest.mark.parametrize("field", STREAM_OFF)
async def test_what_loses_facts_is_found_when_somebody_switches_it_on(stream: Stream, field: str) -> None:
    """An age limit, a mirror, rollups or a seal on a stream would lose or change facts without any other sign."""
    config = stream_config(stream)
    if field in config or (field == "allow_rollup_hdrs" and stream.allow_msg_schedules):
        return
    danger = DANGERS.get(field, True)

    found = await _diff(config | {field: danger}, streams=(stream,))

    assert found == [Change("stream", stream.name, "update", {field: (danger, None)})]


@pytest.mark.parametrize("consumer", DURABLES, ids=lambda consumer: consumer.durable)
async def test_every_setting_of_a_consumer_is_compared(consumer: Consumer) -> None:
    config = consumer_config(consumer)
    assert await _diff(config, consumers=(consumer,)) == []

    for field, wanted in config.items():
        found = await _diff(config | {field: _other(wanted)}, consumers=(consumer,))
        assert [change.fields for change in found] == [{field: (_other(wanted), wanted)}]
    for field in CONSUMER_OFF:
        found = await _diff(config | {field: 7}, consumers=(consumer,))
        assert [change.fields for change in found] == [{field: (7, None)}]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_field_of_the_data_reaches_the_server(stream: Stream) -> None:
    """A field that is data and is not sent would be a promise on paper."""
    renamed = {"purpose": "description", "replicas": "num_replicas"}
    sent = stream_config(stream)
    off = {name for name, value in stream.model_dump().items() if value in (False, "default")}

    assert {renamed.get(name, name) for name in Stream.model_fields} - off <= sent.keys()
    assert sent["storage"] == "file"


@pytest.mark.parametrize("consumer", DURABLES, ids=lambda consumer: consumer.durable)
def test_durations_are_sent_in_nanoseconds(consumer: Consumer) -> None:
    assert consumer_config(consumer)["ack_wait"] == consumer.ack_wait.total_seconds() * 1e9


def test_every_desk_of_the_register_gets_a_live_and_an_exercise_feed() -> None:
    register = load_register(REFERENCE / "register.yaml")
    desks = {(agency.code, desk.code) for agency in register.agencies for desk in agency.desks}

    feeds = topology.desk_consumers(register)

    assert {one.durable for one in feeds} == {
        f"desk_{space}_{agency}_{desk}" for agency, desk in desks for space in ("actual", "exercise")
    }


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}-other"
        case _:
            return [*value, "other"]
