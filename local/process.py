"""A process of the local stack: start it, watch it, stop it by its id, also after a failure."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ProcessFailed(Exception):
    """A process ended too early, or was not ready in time."""


class Process:
    """One process. Its output goes to the file `log`, or to `stdout` with `pipe`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        cwd: Path | None = None,
        pipe: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        output = log.open("ab") if log is not None else None
        try:
            self._popen = subprocess.Popen(
                list(command),
                env=dict(env) if env is not None else None,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipe else output or subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C reaches only the stack, which stops each process by its id.
                start_new_session=True,
                preexec_fn=_die_with_parent if _LIBC is not None else None,
            )
        finally:
            if output is not None:
                output.close()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def stdout(self) -> int:
        """The file descriptor of the pipe. Raises ProcessFailed without `pipe`."""
        if self._popen.stdout is None:
            raise ProcessFailed(f"{self.name} has no pipe")
        return self._popen.stdout.fileno()

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll()

    def wait_until(self, ready: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for a condition. Raises ProcessFailed if the process ends or the time is up."""
        until = time.monotonic() + seconds
        while not ready():
            if not self.running:
                raise ProcessFailed(f"{self.name} ended with {self.exit_code}\n{self.tail()}")
            if time.monotonic() > until:
                raise ProcessFailed(f"{self.name} was not ready in {seconds:g} s\n{self.tail()}")
            time.sleep(0.02)

    def ask_to_end(self) -> None:
        """Send SIGTERM, and do not wait."""
        if self.running:
            self._popen.terminate()

    def stop(self, seconds: float = 10.0) -> None:
        """Send SIGTERM, and SIGKILL after `seconds`."""
        if self.running:
            self.ask_to_end()
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._popen.wait()
        with suppress(ProcessLookupError):  # its own child processes may still run
            os.killpg(self.pid, signal.SIGKILL)
        if self._popen.stdout is not None:
            self._popen.stdout.close()

    def kill(self) -> None:
        """Send SIGKILL to the process and its own child processes."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._popen.wait()

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of its log."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(
            self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        )


def _die_with_parent() -> None:
    # No process outlives a stack that is killed with SIGKILL. Only Linux can do this.
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
