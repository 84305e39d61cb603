"""Compare the cost of a step with the least that it could cost: `python -m benchmarks.steps`.

It prints a table of ratios within one run, so that they hold on another machine: a script to the
smallest script, a journal round trip to a PING, sealing to nothing.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from stripe_flows.engine.execution import Answered, CallFacts, Engine, Scope
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.engine.types import JSONObject
from stripe_flows.local.broker import Broker
from stripe_flows.tasks.journal.store import Retention, Store
from stripe_flows.tasks.sealing import Sealer, new_key
from tests.integration.journal_items import Journal

ROUNDS = 300
FLOWS = Path(__file__).parents[1] / "flows"


def median_us(do: Callable[[], object]) -> float:
    """Return the median of ROUNDS runs in microseconds, after a few to warm up."""
    for _ in range(10):
        do()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def row(name: str, us: float, base: float, beside: str) -> None:
    print(f"{name:44} {us:8.0f} µs {us / base:6.2f} x {beside}")


def scripts() -> None:
    """Compare scripts with `print(1)`."""
    source = FlowFolder(FLOWS).source
    five = (
        "\n".join(f"new_{name}()" for name in ("customer", "payment_intent", "product", "price"))
        + '\nnew_subscription().customer("cus_1").items([{"price": "price_1"}])'
    )
    scope = Scope(worker_id="w", context_id="c", params={"customer": "cus_1"})
    body = '{"id": "pi_1", "status": "requires_payment_method"}'
    request: JSONObject = {"amount": 2000}
    facts = CallFacts(id="x", operation="create_payment_intent", request=request, attempts=1)
    answered = scope.model_copy(
        update={"answered": Answered(kind="response", body=body, call=facts)}
    )
    clock = datetime(2026, 1, 1, tzinfo=UTC)
    with Engine() as engine:

        def run(text: str, given: Scope) -> Callable[[], object]:
            return lambda: engine.execute(
                "x", text, given, clock=clock, seed="s", flow_names=frozenset()
            )

        base = median_us(run("print(1)", scope))
        row("print(1)", base, base, "print(1)")
        row("flows/main.py", median_us(run(source("main"), scope)), base, "print(1)")
        response = source("new_create_payment_intent_response")
        row("its response flow", median_us(run(response, answered)), base, "print(1)")
        row("five resources touched", median_us(run(five, scope)), base, "print(1)")


def journal() -> None:
    """Compare the journal's round trips with a PING."""
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        broker.start()
        store = Store(
            broker.url,
            Sealer([SecretStr(new_key())]),
            Retention(keep_ms=1000, tombstone_ms=1000),
        )
        try:
            base = median_us(store.redis.ping)
            row("PING", base, base, "PING")
            number = iter(range(10**6))

            def whole() -> None:
                run = Journal(store, run_id=f"run-{next(number)}")
                run.close(run.started_root())

            row("START, BEGIN, CLOSE of a run (and its flows)", median_us(whole), base, "PING")
        finally:
            store.close()
            broker.stop()


if __name__ == "__main__":
    scripts()
    journal()
