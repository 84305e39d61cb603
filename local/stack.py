"""The local stack: broker, simulator, worker and, if wanted, Flower, as processes of their own.

    with Stack(Path(".stripe-flows"), flows_dir=Path("flows")) as stack:
        subprocess.run(command, env=stack.env)

Everything listens on the loopback only. Each process is watched, and stopped by its id.
"""

from __future__ import annotations

import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from pydantic import SecretStr

from stripe_flows.dashboard.login import Login, dashboard_login
from stripe_flows.tasks.journal.store import Retention, Store
from stripe_flows.tasks.journal.workers import live_workers
from stripe_flows.tasks.sealing import Sealer

from .broker import Broker, free_port
from .environment import seal_key, stack_environment
from .process import Process
from .signals import signals_blocked

QUEUES = ("flows.default", "flows.worker-1")
"""The queues of runs without a worker_id and of the examples."""

DEMO_CUSTOMER = "cus_customer123"
"""The customer that the examples charge; the simulator starts with it."""


class Stack:
    """The processes of one machine. `folder` keeps their data, their logs and the seal key.

    `queues` and `concurrency` (threads) are those of the first worker. `stripe_key`: a test key, to
    use Stripe itself instead of a simulator. `keep_state`: keep the data of broker and simulator for
    the next start. `extra_env` overrides the stack's own environment. `flower_port`: 0 means a free
    port.
    """

    def __init__(
        self,
        folder: Path,
        *,
        flows_dir: Path,
        queues: Sequence[str] = QUEUES,
        concurrency: int = 8,
        flower: bool = False,
        flower_port: int = 0,
        simulator_latency: float = 0.0,
        stripe_key: str | None = None,
        keep_state: bool = False,
        extra_env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.broker = Broker(self.folder / "broker")
        self.simulator: Process | None = None
        self.workers: list[Process] = []
        self.flower: Process | None = None
        self.simulator_url = f"http://127.0.0.1:{free_port()}" if stripe_key is None else None
        self.flower_url = f"http://127.0.0.1:{flower_port or free_port()}"
        self.env: dict[str, str] = stack_environment(
            self.folder,
            broker_url=self.broker.url,
            flows_dir=flows_dir,
            simulator_url=self.simulator_url,
            stripe_key=stripe_key,
            extra=extra_env or {},
        )
        self._queues = tuple(queues)
        self._concurrency = concurrency
        self._wants_flower = flower
        self._latency = simulator_latency
        self._keep_state = keep_state

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start all processes and wait until they are ready. Raises ProcessFailed.

        After a failure no process runs.
        """
        try:
            if not self._keep_state:
                self._clear()
            self.broker.start()
            # These need the broker but not each other, so they start at the same time.
            if self.simulator_url is not None:
                self.simulator = self._start_simulator(self.simulator_url)
            worker = self.start_worker("worker", wait=False)
            if self._wants_flower:
                self.flower = self._start_flower()
            if self.simulator is not None:
                self.simulator.wait_until(lambda: _answers(f"{self.simulator_url}/_sim/health"))
            self.wait_for_worker(worker)
            if self.flower is not None:
                self.flower.wait_until(lambda: _answers(f"{self.flower_url}/healthcheck"))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all processes, the last started first. Can be called at any time, and again."""
        with signals_blocked():
            for process in (*self.workers, self.flower):
                if process is not None:
                    process.ask_to_end()
            for process in reversed(self.processes):
                process.stop()
            self.broker.stop()
            self.workers.clear()
            self.flower = self.simulator = None

    @property
    def flower_login(self) -> Login:
        """Flower's login."""
        return dashboard_login(self.folder)

    @property
    def processes(self) -> tuple[Process, ...]:
        """The processes that were started and not yet stopped, in the order of starting."""
        found = (
            self.broker.process if self.broker.started else None,
            self.simulator,
            *self.workers,
            self.flower,
        )
        return tuple(process for process in found if process is not None)

    def start_worker(
        self,
        name: str,
        *,
        queues: Sequence[str] | None = None,
        pool: str | None = None,
        concurrency: int | None = None,
        env: Mapping[str, str] | None = None,
        loglevel: str = "INFO",
        wait: bool = True,
    ) -> Process:
        """Start one more worker and return its process.

        `env` is added to the stack's. Without `wait` the worker may not be ready on return: see
        `wait_for_worker`.
        """
        command = [
            *(sys.executable, "-m", "celery", "-A", "stripe_flows", "worker"),
            *("-n", f"{name}@%h", "-Q", ",".join(queues or self._queues)),
            *("-c", str(concurrency or self._concurrency), "--loglevel", loglevel),
            *("--without-gossip", "--without-mingle"),
        ]
        if pool is not None:
            command += ["--pool", pool]
        worker = self._process(name, command, env)
        self.workers.append(worker)
        if wait:
            self.wait_for_worker(worker)
        return worker

    def wait_for_worker(self, worker: Process) -> None:
        """Wait until the worker has written its row to the journal. Raises ProcessFailed."""
        sealer = Sealer([SecretStr(seal_key(self.folder))])
        store = Store(self.broker.url, sealer, Retention(keep_ms=1, tombstone_ms=1))
        try:
            worker.wait_until(lambda: any(row.pid == worker.pid for row in live_workers(store)))
        finally:
            store.close()

    def _start_simulator(self, url: str) -> Process:
        state = self.folder / "simulator.sqlite" if self._keep_state else None
        command = [
            *(sys.executable, "-m", "stripe_flows.simulator"),
            *("--port", url.rpartition(":")[2], "--state", str(state or "none")),
            *("--latency", str(self._latency), "--seed-customer", DEMO_CUSTOMER),
            "--die-with-parent",
        ]
        return self._process("simulator", command)

    def _start_flower(self) -> Process:
        command = [
            *(sys.executable, "-m", "celery", "-A", "stripe_flows", "flower"),
            f"--conf={Path(__file__).parents[1] / 'flowerconfig.py'}",
            *("--address=127.0.0.1", f"--port={self.flower_url.rpartition(':')[2]}"),
        ]
        # In the environment, because others on this machine can read a command line.
        login = {"FLOWER_BASIC_AUTH": self.flower_login.basic_auth}
        return self._process("flower", command, login)

    def _process(
        self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None
    ) -> Process:
        logs = self.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{name}.log"
        log.unlink(missing_ok=True)
        return Process(name, command, env={**self.env, **(env or {})}, log=log)

    def _clear(self) -> None:
        shutil.rmtree(self.folder / "broker", ignore_errors=True)


def _answers(url: str) -> bool:
    """Return whether an HTTP server answers, with whatever status."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=1.0).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
