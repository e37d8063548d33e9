"""The state file: found while its stack lives, never believed afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime.embedded.local_stack import (
    Phase,
    ProcessState,
    StackRunningError,
    StackState,
    make_home,
    running_stack,
    stack_lock,
    write_state,
)

STATE = StackState(
    supervisor_pid=4711,
    phase=Phase.READY,
    durability="always",
    nats_url="nats://127.0.0.1:1234",
    postgres_dsn="postgresql://postgres:secret@127.0.0.1:2345/phoihop",
    processes=(ProcessState(name="nats", phase=Phase.READY, pid=17),),
)


def test_a_running_stack_is_found_with_everything_it_wrote(tmp_path: Path) -> None:
    with stack_lock(tmp_path):
        write_state(tmp_path, STATE)

        assert running_stack(tmp_path) == STATE
        assert STATE.process("nats") == STATE.processes[0]
        assert STATE.process("intake") is None


def test_the_file_of_a_crashed_stack_is_not_believed(tmp_path: Path) -> None:
    """Broken by trusting a pid in a file: after a crash it may belong to any other program, which `down` would end."""
    program = (
        "import os, pathlib, sys\n"
        "from services.runtime.embedded.local_stack import *\n"
        "home = pathlib.Path(sys.argv[1])\n"
        "lock = stack_lock(home)\n"
        "lock.__enter__()\n"
        "write_state(home, StackState(supervisor_pid=os.getpid(), phase='ready', durability='always',"
        " nats_url='', postgres_dsn=''))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    crashed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, timeout=60)

    assert crashed.returncode == -9
    assert (tmp_path / "stack.json").exists()
    assert running_stack(tmp_path) is None


def test_a_second_stack_in_the_same_home_is_refused(tmp_path: Path) -> None:
    with stack_lock(tmp_path), pytest.raises(StackRunningError, match="phoihop status"), stack_lock(tmp_path):
        raise AssertionError("the lock was given twice")


def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    assert running_stack(tmp_path / "absent") is None


def test_a_stack_that_ended_in_order_leaves_no_file(tmp_path: Path) -> None:
    with stack_lock(tmp_path):
        write_state(tmp_path, STATE)

    assert running_stack(tmp_path) is None
    assert not (tmp_path / "stack.json").exists()


def test_only_the_owner_reads_the_state_file_for_it_names_a_password(tmp_path: Path) -> None:
    with stack_lock(tmp_path):
        write_state(tmp_path, STATE)

        assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0
    assert "secret" not in repr(STATE)


def test_others_may_pass_through_the_home_but_neither_list_it_nor_read_its_logs(tmp_path: Path) -> None:
    home = make_home(tmp_path / "stack")

    assert home.stat().st_mode & 0o777 == 0o711
    assert (home / "logs").stat().st_mode & 0o777 == 0o700
