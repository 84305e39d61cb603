"""What Stripe's whole surface costs: `python -m benchmarks.catalog`.

The size of the catalog, what a process pays for it once (the lines, then only what it touches), the
Celery tasks, the text that goes before a script, and a script that touches a rarely used resource
beside one of the first five. Prints a table.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from celery import Celery

from benchmarks.steps import median_us, row
from stripe_flows.engine.execution import Engine, Scope
from stripe_flows.engine.sandbox.prelude import prelude
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.stripe import catalog as module
from stripe_flows.engine.stripe.catalog import Catalog
from stripe_flows.tasks.app import SendRequest
from stripe_flows.tasks.hints import task_name

FILE = Path(module.__file__).with_name("catalog.json")

SCRIPTS = {
    "new_payment_intent()": 'new_payment_intent().amount(1).currency("usd").create_async()',
    "payment_intent(…)": 'payment_intent("pi_1").amount_to_capture(1).capture_async()',
    "treasury_financial_accounts()": "treasury_financial_accounts().limit(3).list_async()",
}


def once_us(do: Callable[[], object]) -> float:
    """The best of five first times, in microseconds; each begins with nothing read."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return min(times) * 1e6


def load() -> None:
    """What a process pays once."""
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
    """Scripts beside `print(1)`: the catalog's size does not show."""
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
            size = len(prelude(read(text), None, traced=False).text)
            row(f"{name}, {size} characters before it", median_us(run(text)), base, "print(1)")


if __name__ == "__main__":
    load()
    scripts()
