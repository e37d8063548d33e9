"""Senders take turns: a crowd of one keeps nobody else waiting, loses nothing, and is slowed down when it goes on."""

from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.runtime.turns import LONGEST_PAUSE, Turns, Waiting

TURNS = Turns(share=2, burst=4, per_second=2.0)


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _message(subject: str, number: int) -> Msg:
    return Msg(Client(), subject=subject, data=str(number).encode())


def _crowd(waiting: Waiting, subject: str, count: int) -> None:
    for number in range(count):
        waiting.append(_message(subject, number))


def _subjects(batch: list[Msg]) -> list[str]:
    return [message.subject for message in batch]


def test_without_turns_everything_is_taken_in_the_order_received() -> None:
    waiting = Waiting()
    for number in range(5):
        waiting.append(_message("ab"[number % 2], number))

    assert [message.data for message in waiting.take(3)] == [b"0", b"1", b"2"]
    assert len(waiting) == 2
    assert waiting.pause() == LONGEST_PAUSE


def test_who_comes_last_is_in_the_next_batch_whatever_waits_before() -> None:
    """One hostile unit would decide when everybody else's report is taken."""
    waiting = Waiting(TURNS, _Clock())
    _crowd(waiting, "flood", 1000)
    waiting.append(_message("quiet", 0))

    assert _subjects(waiting.take(200)) == ["flood", "flood", "quiet"]


def test_a_crowd_is_slowed_down_after_its_burst_and_goes_on_at_its_pace() -> None:
    """Worked off without a pause it would leave no processor to whoever comes next."""
    clock = _Clock()
    waiting = Waiting(TURNS, clock)
    _crowd(waiting, "flood", 1000)
    assert [len(waiting.take(200)) for _ in range(3)] == [2, 2, 0]

    clock.now += waiting.pause()
    assert [len(waiting.take(200)) for _ in range(2)] == [2, 0]
    clock.now += 10 * waiting.pause()
    assert sum(len(waiting.take(200)) for _ in range(9)) == TURNS.burst
    assert len(waiting) == 1000 - 10


def test_who_is_slowed_down_takes_no_turn_from_others() -> None:
    waiting = Waiting(TURNS, _Clock())
    _crowd(waiting, "flood", 1000)
    while waiting.take(200):
        pass
    _crowd(waiting, "quiet", 1)

    assert _subjects(waiting.take(200)) == ["quiet"]


@given(
    st.lists(st.sampled_from("abc"), max_size=60),
    st.lists(st.tuples(st.integers(1, 9), st.floats(0, 3)), min_size=1, max_size=20),
)
def test_nothing_is_lost_or_doubled_and_each_sender_keeps_its_order(
    senders: list[str], takes: list[tuple[int, float]]
) -> None:
    """An acknowledged report that the queue dropped would be handled only after a redelivery, or never."""
    clock = _Clock()
    waiting = Waiting(TURNS, clock)
    for number, sender in enumerate(senders):
        waiting.append(_message(sender, number))
    given_out: list[Msg] = []
    for limit, seconds in takes:
        batch = waiting.take(limit)
        assert len(batch) <= limit
        given_out += batch
        clock.now += seconds

    assert len(waiting) == len(senders) - len(given_out)
    for sender in "abc":
        numbers = [int(message.data) for message in given_out if message.subject == sender]
        assert numbers == [number for number, name in enumerate(senders) if name == sender][: len(numbers)]


def test_who_was_quiet_for_long_is_not_remembered() -> None:
    """Otherwise memory would grow with everybody who ever sent."""
    clock = _Clock()
    waiting = Waiting(TURNS, clock)
    _crowd(waiting, "a", 1)
    waiting.take(1)
    clock.now += 60
    waiting.take(1)

    assert waiting._allowances == {}
