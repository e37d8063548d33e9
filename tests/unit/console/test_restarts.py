"""The figures of restarts are those that the supervisor wrote down."""

from pathlib import Path

from services.runtime.embedded.local_stack import Phase, ProcessState, StackState, make_home, stack_lock, write_state
from services.runtime.telemetry import RESTARTS, STUCK
from services.stack.restarts import tell


def test_restarts_and_how_many_because_stuck_are_told_by_process(tmp_path: Path) -> None:
    """Broken when an operator cannot see that a service gets stuck again and again."""
    home = make_home(tmp_path / "home")
    process = ProcessState(name="routing", phase=Phase.READY, pid=17, restarts=3, stuck=2)
    state = StackState(
        supervisor_pid=1, phase=Phase.READY, durability="always", nats_url="", postgres_dsn="", processes=(process,)
    )

    with stack_lock(home):
        write_state(home, state)
        tell(home)

    assert (RESTARTS.labels("routing")._value.get(), STUCK.labels("routing")._value.get()) == (3, 2)


def test_where_no_local_stack_runs_there_is_nothing_to_tell(tmp_path: Path) -> None:
    before = RESTARTS.labels("audit")._value.get()

    tell(tmp_path / "nowhere")

    assert RESTARTS.labels("audit")._value.get() == before
