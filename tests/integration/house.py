"""The whole house in one process, but for two services: Stripe's answers and the broker are the test's.

The journal, the sandbox, the tasks' functions and the API are the real ones. Hints are collected
instead of published, and done one by one, with time moved on where everything waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import redis
from pydantic import SecretStr

from stripe_flows.engine.call import Call, SecretSource
from stripe_flows.engine.identity import root_id
from stripe_flows.engine.stripe.outcomes import Attempt, NoReply, Reply
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.app import app
from stripe_flows.tasks.attempt_end import AttemptEnd, Ignored
from stripe_flows.tasks.hint import Hint
from stripe_flows.tasks.http.secrets import DEFAULT
from stripe_flows.tasks.input_digests import StartedAs, input_digest
from stripe_flows.tasks.item import ExecutionItem
from stripe_flows.tasks.journal.begin import Delivery
from stripe_flows.tasks.journal.close import Closed
from stripe_flows.tasks.journal.keys import DUE, REFUSED, trying_key
from stripe_flows.tasks.journal.start import start
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.sweep import sweep
from stripe_flows.tasks.publisher import Publisher, hint_of
from stripe_flows.tasks.run_flow import run_flow
from stripe_flows.tasks.sealing import Sealer
from stripe_flows.tasks.send_request import send_request
from stripe_flows.tasks.services import make_services
from stripe_flows.tasks.settings import Settings
from stripe_flows.tasks.worker.services import WorkerServices, with_client

OK = Reply(200, {"Request-Id": "req_1"}, '{"id": "pi_1", "object": "payment_intent"}')
LOST = NoReply("ReadTimeout", never_left=False)
REFUSED_CONNECTION = NoReply("NewConnectionError", never_left=True)


def refusal(status: int, code: str = "some_code", **headers: str) -> Reply:
    """A refusal in Stripe's shape; `stripe_should_retry="false"` gives that header."""
    body = f'{{"error": {{"type": "invalid_request_error", "code": "{code}", "message": "no"}}}}'
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Reply(status, named, body)


@dataclass
class Sent:
    """A request as it would have gone out."""

    call: Call
    idempotency_key: str
    stripe_key: str


class FakeStripe:
    """Gives the attempts that the test lined up, and keeps what was sent."""

    def __init__(self) -> None:
        self.answers: deque[Attempt] = deque()
        self.sent: list[Sent] = []

    def send(
        self, call: Call, idempotency_key: str, open_key: Callable[[], str], until: float
    ) -> Attempt:
        self.sent.append(Sent(call, idempotency_key, open_key()))
        return self.answers.popleft() if self.answers else OK


class Collector(Publisher):
    """Keeps hints instead of publishing them."""

    def __init__(self) -> None:
        super().__init__(app)
        self.hints: deque[Hint] = deque()

    def publish(self, hints: Iterable[Hint]) -> int:
        found = list(hints)
        self.hints.extend(found)
        return len(found)

    def publish_children(self, run: str, closed: Closed) -> None:
        self.publish(hint_of(run, child, closed.at) for child in closed.children)


@dataclass
class House:
    """The services, and the moving of what is to be done."""

    services: WorkerServices
    stripe: FakeStripe
    hints: Collector
    server: redis.Redis
    seal_key: str
    ends: list[AttemptEnd] = field(default_factory=list)

    def flows(self, **sources: str) -> None:
        """Writes flows."""
        for name, source in sources.items():
            (self.services.settings.flows_dir / f"{name}.py").write_text(source)

    def store_with(self, seal_key: str) -> Store:
        """The same journal, for a process with another seal key."""
        store = self.services.store
        return Store(store.url, Sealer([SecretStr(seal_key)]), store.retention)

    def start(
        self,
        flow: str = "main",
        *,
        run: str = "order-42",
        script: str | None = None,
        params: Mapping[str, Any] | None = None,
        secret: SecretSource = DEFAULT,
    ) -> Run:
        """Starts a run and lines its first hint up."""
        given = dict(params or {})
        item = ExecutionItem(
            flow=flow,
            script=script,
            worker_id="default",
            context_id="context-1",
            params=given,
            secret=secret,
        )
        meta = StartedAs(
            flow=flow,
            worker_id="default",
            context_id="context-1",
            input=input_digest(flow, script, "default", "context-1", given),
        )
        root = root_id(self.services.settings.namespace, run)
        started = start(self.services.store, run, root, item, meta)
        self.hints.publish(
            [
                Hint(
                    run_id=run,
                    item_id=root,
                    at=started.at,
                    queue="flows.default",
                    kind="execution",
                    name=flow,
                    attempt=1,
                    context_id="context-1",
                )
            ]
        )
        return Run(run, self.services)

    def step(self) -> AttemptEnd:
        """Does the oldest hint."""
        hint = self.hints.hints.popleft()
        delivery = Delivery(hint.run_id, hint.item_id, hint.at, hint.queue)
        if hint.kind == "execution":
            end = run_flow(self.services, delivery)
        else:
            end = send_request(self.services, delivery, hint.name)
        self.ends.append(end)
        return end

    def drain(self) -> None:
        """Does all hints, but waits for nothing."""
        while self.hints.hints:
            self.step()

    def later(self) -> int:
        """Moves the time to when the next thing is due, and sweeps; gives how many came due."""
        for member in cast(list[bytes], self.server.zrange(DUE, 0, -1)):
            self.server.zincrby(DUE, -(10**9), member)
        for key in cast(list[bytes], self.server.hkeys(REFUSED)):
            self.server.hset(REFUSED, key, 0)
            self.server.delete(trying_key(key.decode()))
        return self.hints.publish(sweep(self.services.store))

    def play(self, rounds: int = 30) -> None:
        """Goes on until nothing is due any more, or for so many rounds of waiting."""
        self.drain()
        for _ in range(rounds):
            if not self.later():
                return
            self.drain()

    @property
    def dropped(self) -> list[str]:
        return [end.why for end in self.ends if isinstance(end, Ignored)]


def make_house(
    server: redis.Redis, url: str, flows_dir: Path, seal_key: str, **settings: Any
) -> House:
    """A house on the server, with an empty flows folder."""
    chosen = Settings.model_validate(
        {
            "REDIS_URL": url,
            "broker_url": url,
            "seal_keys": seal_key,
            "flows_dir": flows_dir,
            **settings,
        }
    )
    stripe, hints = FakeStripe(), Collector()
    services = replace(
        with_client(make_services(app, chosen)),
        client=stripe,  # type: ignore[arg-type]
        publisher=hints,
    )
    return House(services, stripe, hints, server, seal_key)
