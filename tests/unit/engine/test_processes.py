"""A script process that is killed from outside is never the script's fault."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_flows.engine.errors import SandboxBusy, SandboxCrashed, ScriptFailed
from stripe_flows.engine.execution import Engine, Limits
from tests.unit.engine.conftest import runner


def script_processes() -> list[int]:
    """The script processes that this process has started."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            name = (folder / "comm").read_text().strip()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and name.startswith("monty") and fields[0] != "Z":
            found.append(int(folder.name))
    return found


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(Limits(seconds=1.0)) as own:
        yield own


def _pids(engine: Engine) -> list[int]:
    with engine._processes._pool.checkout() as session:
        pid = session.worker_pid
    assert pid is not None
    return [pid]


def test_the_next_script_runs_after_an_idle_process_was_killed(engine: Engine) -> None:
    run = runner(engine)
    for _ in range(5):
        (pid,) = _pids(engine)
        os.kill(pid, signal.SIGKILL)
        assert run("print('ok')").output == "ok\n"


def test_a_script_whose_process_is_killed_under_it_runs_again(engine: Engine) -> None:
    (pid,) = _pids(engine)
    killer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
    killer.start()
    began = time.monotonic()
    output = runner(engine)("for n in range(3 * 10**6): pass\nprint('ok')").output
    killer.join()
    assert output == "ok\n"
    assert time.monotonic() - began > 0.2


def test_a_process_that_dies_every_time_is_a_crash_and_no_script_error() -> None:
    with Engine(Limits(seconds=5.0)) as engine:
        stop = threading.Event()

        def kill_whatever_runs() -> None:
            while not stop.wait(0.05):
                for pid in set(script_processes()) - others:
                    os.kill(pid, signal.SIGKILL)

        others = set(script_processes()) - set(_pids(engine))
        killer = threading.Thread(target=kill_whatever_runs)
        killer.start()
        try:
            with pytest.raises(SandboxCrashed, match="died 3 times"):
                runner(engine)("while True: pass")
        finally:
            stop.set()
            killer.join()
        assert runner(engine)("print('ok')").output == "ok\n"


def test_a_script_that_breaks_the_interpreter_is_blamed(engine: Engine) -> None:
    run = runner(engine)
    with pytest.raises(ScriptFailed, match="interpreter gave up on it"):
        run("new_customer()\nclass A:\n    def __init__(self): self.a = 1\n_sf_records = [A, A()]")
    assert run("print('ok')").output == "ok\n"


def test_a_busy_pool_is_no_script_error() -> None:
    with Engine(Limits(seconds=1.0), checkout_timeout=0.1) as engine:
        run = runner(engine)
        began = time.monotonic()
        with (
            engine._processes._pool.checkout(),
            pytest.raises(SandboxBusy, match="no script process became free"),
        ):
            run("1")
        assert time.monotonic() - began < 2
        assert run("print('ok')").output == "ok\n"


def test_threads_share_an_engine() -> None:
    with Engine(processes=2) as engine:
        run = runner(engine)
        outputs: list[str] = []

        def work(number: int) -> None:
            for index in range(20):
                outputs.append(run(f"print({number * 100 + index})").output)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        expected = sorted(f"{n * 100 + i}\n" for n in range(4) for i in range(20))
        assert sorted(outputs) == expected


def test_closing_ends_the_processes_and_may_be_done_twice() -> None:
    engine = Engine()
    (pid,) = _pids(engine)
    engine.close()
    engine.close()
    deadline = time.monotonic() + 5
    while pid in script_processes() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pid not in script_processes()
    with pytest.raises(SandboxCrashed, match="have been ended"):
        runner(engine)("1")
