"""Measure the cost of Stripe's whole surface: `python -m benchmarks.catalog`.

It measures the size of the catalog, its cost for a process (once: the lines; later: only the used
ones), the Celery tasks, the prelude of a script, a script with a rare resource beside a common one,
one call more, the checks of a call and of 200 flows, and the simulator. It prints a table of ratios
within one run, so that they hold on another machine.
"""

from __future__ import annotations

import ast
import http.client
import tempfile
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from celery import Celery

from benchmarks.steps import median_us, row
from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.execution import Engine, Scope
from stripe_flows.engine.sandbox.prelude import prelude
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.stripe import catalog as module
from stripe_flows.engine.stripe.catalog import Catalog, stripe_catalog
from stripe_flows.engine.stripe.check import mistakes
from stripe_flows.engine.stripe.form import encode_form
from stripe_flows.engine.types import JSONObject
from stripe_flows.tasks.celery_tasks import SendRequest
from stripe_flows.tasks.hint import task_name
from tests.integration.simulator_process import SimulatorProcess

FILE = Path(module.__file__).with_name("catalog.json")

REQUESTS = 500
"""The number of requests of each of the simulator's four clients."""

SCRIPTS = {
    "new_payment_intent()": 'new_payment_intent().amount(1).currency("usd").create_async()',
    "payment_intent(…)": 'payment_intent("pi_1").amount_to_capture(1).capture_async()',
    "treasury_financial_accounts()": "treasury_financial_accounts().limit(3).list_async()",
}


def once_us(do: Callable[[], object]) -> float:
    """Return the best of five times in microseconds; each begins with nothing read."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return min(times) * 1e6


def load() -> None:
    """Print the costs that a process has once."""
    text = FILE.read_bytes()
    print(
        f"catalog.json: {len(text) / 1000:.0f} KB, {len(zlib.compress(text, 9)) / 1000:.0f} KB packed"
    )

    def first(*names: str) -> Callable[[], object]:
        def do() -> None:
            catalog = Catalog(FILE)
            assert catalog.builders
            for name in names:
                for shape in catalog.operations[name].parameters.values():
                    catalog.resolve(shape)

        return do

    base = once_us(first())
    row("the names of all operations and builders", base, base, "itself")
    one = once_us(first("create_payment_intent"))
    row("… and create_payment_intent", one, base, "the names")
    every = once_us(first(*Catalog(FILE).operations))
    row("… and all operations with their shapes", every, base, "the names")

    def register() -> None:
        app = Celery("x", set_as_current=False)
        for name in Catalog(FILE).operations:
            app.register_task(type("SendRequest", (SendRequest,), {"name": task_name(name)})())

    row("a Celery task for each operation", once_us(register), base, "the names")


def scripts() -> None:
    """Compare scripts with `print(1)`: the size of the catalog makes no difference."""
    scope = Scope(worker_id="w", context_id="c", params={})
    clock = datetime(2026, 1, 1, tzinfo=UTC)
    with Engine() as engine:

        def run(text: str) -> Callable[[], object]:
            return lambda: engine.execute(
                "x", text, scope, clock=clock, seed="s", flow_names=frozenset()
            )

        base = median_us(run("print(1)"))
        row("print(1)", base, base, "print(1)")
        for name, text in SCRIPTS.items():
            size = len(prelude(read(text), None).text)
            row(f"{name}, {size} characters before it", median_us(run(text)), base, "print(1)")
        one = SCRIPTS["new_payment_intent()"] + "\n"
        more = (median_us(run(one * 21)) - median_us(run(one))) / 20
        row("each call more of new_payment_intent()", more, base, "print(1)")


def checks() -> None:
    """Measure the checks before anything is sent: of a call, and of a folder of flows."""
    catalog = stripe_catalog()
    operation = catalog.operations["create_subscription"]
    request: JSONObject = {
        "customer": "cus_1",
        "items": [{"price": "price_1", "quantity": 2}, {"price": "price_2"}],
        "collection_method": "send_invoice",
        "days_until_due": 30,
        "metadata": {"order": "42", "channel": "web"},
    }
    assert mistakes(catalog, operation, request) == []
    base = median_us(lambda: encode_form(request))
    row("encoding a subscription of 9 values", base, base, "itself")
    row("checking it", median_us(lambda: mistakes(catalog, operation, request)), base, "encoding")
    flows = {f"flow{n}": "".join(f"{text}\n" for text in SCRIPTS.values()) for n in range(200)}
    base = once_us(lambda: [ast.parse(text) for text in flows.values()])
    row("reading 200 flows of 3 calls as Python", base, base, "itself")
    row("stripe-flows check of them", once_us(lambda: check_flows(flows)), base, "reading")


def simulator() -> None:
    """Compare HTTP requests from four clients at once with the smallest request."""
    body = "amount=2000&currency=usd&customer=cus_1&metadata[order]=42"
    headers = {"Authorization": "Bearer sk_test_x"}
    form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        server = SimulatorProcess(
            Path(folder) / "errors", "--port", "0", "--state", "none", "--seed-customer", "cus_1"
        )
        try:

            def ask(method: str, path: str, sent: str | None = None) -> float:
                def client(number: int) -> None:
                    line = http.client.HTTPConnection(server.url.removeprefix("http://"))
                    for n in range(REQUESTS):
                        key = {"Idempotency-Key": f"{path}-{number}-{n}"} if sent else {}
                        line.request(method, path, sent, (form if sent else headers) | key)
                        reply = line.getresponse()
                        assert reply.read()
                        assert reply.status == 200
                    line.close()

                began = time.perf_counter()
                list(pool.map(client, range(4)))
                return (time.perf_counter() - began) / (4 * REQUESTS) * 1e6

            ask("GET", "/_sim/health")
            base = ask("GET", "/_sim/health")
            row("the simulator: GET /_sim/health", base, base, "itself")
            made = ask("POST", "/v1/payment_intents", body)
            row(f"… POST /v1/payment_intents, {1e6 / made:.0f}/s", made, base, "health")
            listed = ask("GET", "/v1/payment_intents?limit=3")
            row(f"… GET /v1/payment_intents, {1e6 / listed:.0f}/s", listed, base, "health")
        finally:
            server.stop()


if __name__ == "__main__":
    load()
    scripts()
    checks()
    simulator()
