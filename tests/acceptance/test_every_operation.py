"""Each operation of the catalog, from a script through a real worker to Stripe's door and back.

For every operation two scripts are generated, along the types of the `stripe` package: one gives
what is required, one everything, and the options of a request. What arrived is compared, byte for
byte where bytes are promised, with what the package itself would send for the same call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import pytest

from stripe_flows import Run, start_flow
from stripe_flows.engine.stripe.catalog import Operation
from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from stripe_flows.simulator.requests.ledger import fingerprint
from tests.acceptance.caller import calling
from tests.typed.decoding import decoded, meant
from tests.typed.endpoints import Sent, endpoint_of, reached
from tests.typed.values import Values
from tests.unit.engine.filled import script_of

KEY = "sk_test_everyOperation"
ACCOUNT = "acct_1"
PATIENCE = 120.0
"""Seconds in which all runs have to end, on a machine that does other things too."""

FLOWS = {
    "default_response": 'print(f"response {call.id}")',
    "default_error": 'print(f"error {call.id}")',
}


@dataclass(frozen=True)
class Meant:
    """A call as its script means it. `own_key`: the idempotency key that the script gives."""

    operation: Operation
    params: Mapping[str, Any]
    ids: tuple[str, ...]
    account: str | None
    own_key: str | None

    @property
    def run_id(self) -> str:
        return f"{self.operation.name}-{'everything' if self.account else 'required'}"

    @property
    def script(self) -> str:
        options = {"stripe_account": self.account, "idempotency_key": self.own_key}
        given = ", ".join(f"{name}={value!r}" for name, value in options.items() if value)
        script = script_of(self.operation, self.params, given, self.ids)
        return f"from decimal import Decimal\n{script}"

    @property
    def theirs(self) -> Sent:
        """What the `stripe` package would send for it."""
        options = {"stripe_account": self.account, "idempotency_key": self.own_key}
        return endpoint_of(self.operation).send(self.ids, self.params, **options)


def every_call() -> Iterator[Meant]:
    chance = Random(1)
    required, everything = (
        Values(chance, share=0.0),
        Values(chance, share=1.0, unsets=False),
    )
    for operation in reached():
        endpoint = endpoint_of(operation)
        ids = tuple(f"{operation.name}/{n}?é#%2F" for n in range(endpoint.ids))
        yield Meant(operation, required.params(endpoint.params), ids, None, None)
        own_key = f"own {operation.name}" if operation.method == "POST" else None
        yield Meant(operation, everything.params(endpoint.params), ids, ACCOUNT, own_key)


@pytest.fixture
def two_workers(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own, with two workers."""
    flows = tmp_path / "flows"
    flows.mkdir()
    for name, source in FLOWS.items():
        (flows / f"{name}.py").write_text(source)
    with Stack(tmp_path / "stack", flows_dir=flows) as stack, calling(stack):
        stack.start_worker("second")
        yield stack


def test_every_operation_arrives_as_it_was_meant_and_goes_on_once(two_workers: Stack) -> None:
    # Given a script for each operation with what it requires, and one with everything
    calls = list(every_call())
    assert len(calls) == 2 * 556

    # When each is run by the workers
    runs = [start_flow(script=c.script, stripe_secret=KEY, run_id=c.run_id) for c in calls]
    statuses = Counter(run.wait(timeout=PATIENCE) for run in runs)

    # Then Stripe received one request for each, as it was meant, and one continuation followed
    assert statuses == {"succeeded": len(calls)}
    assert two_workers.simulator_url is not None
    simulator = SimulatorClient(two_workers.simulator_url)
    try:
        arrived = simulator.ledger()
    finally:
        simulator.close()
    assert len(arrived) == len(calls)
    found = {(e["method"], e["path"], e["stripe_account"]): e for e in arrived}
    wrong = {
        call.run_id: faults
        for call, run in zip(calls, runs, strict=True)
        if (faults := list(compare(call, run, found)))
    }
    assert wrong == {}
    assert {entry["status"] for entry in arrived} >= {200, 400, 404}
    assert sum(len(parse_qsl(call.theirs.form)) for call in calls) > 10_000


def compare(
    call: Meant, run: Run, arrived: Mapping[tuple[str, str, str | None], Mapping[str, Any]]
) -> Iterator[str]:
    """What is wrong about a call and its continuation."""
    theirs = call.theirs
    entry = arrived.get((theirs.method, theirs.path, call.account))
    if entry is None:
        yield f"{theirs.method} {theirs.path} did not arrive"
        return
    steps = [(e.kind, e.operation or e.flow, e.status, e.item) for e in run.history()[1:]]
    item = steps[1][3]
    kind = "response" if entry["status"] == 200 else "error"
    if [step[:3] for step in steps] != [
        ("execution", "script", "succeeded"),
        ("call", call.operation.name, kind),
        ("execution", f"default_{kind}", "succeeded"),
    ]:
        yield f"steps: {steps}"
    text = f"{call.operation.resource}_request_dispatched\n{kind} {item}\n"
    printed = [line for line in run.output().splitlines(True) if not line.startswith("warning: ")]
    if "".join(printed) != text:
        yield f"output: {run.output()}"
    post = theirs.method == "POST"
    form, other = ("body", "query") if post else ("query", "body")
    meant_headers = {
        "stripe_version": theirs.headers["Stripe-Version"],
        "stripe_account": theirs.headers.get("Stripe-Account"),
        "content_type": theirs.headers.get("Content-Type"),
        "idempotency_key": (call.own_key or item) if post else None,
        "authorization": "Basic",
        "key_fingerprint": fingerprint(KEY),
        "replayed": False,
        other: "",
    }
    for name, value in meant_headers.items():
        if entry[name] != value:
            yield f"{name}: {entry[name]!r}"
    pairs = parse_qsl(entry[form], keep_blank_values=True, strict_parsing=bool(entry[form]))
    if pairs != parse_qsl(theirs.form, keep_blank_values=True):
        yield f"{form} is not that of the package: {entry[form]}"
    if decoded(entry[form]) != meant(call.params):
        yield f"{form} does not say what was meant: {entry[form]}"


@pytest.mark.usefixtures("caller")
def test_what_stripe_takes_on_another_host_fails_by_name_and_is_not_sent(
    simulator: SimulatorClient,
) -> None:
    scripts = ['new_file().purpose("dispute_evidence").create_async()', 'quote("qt_1").pdf_async()']
    runs = [start_flow(script=script, stripe_secret=KEY) for script in scripts]
    for run in runs:
        assert run.wait(timeout=PATIENCE) == "failed"
        error = run.history()[-1].error
        assert error is not None
        assert "is not reached: Stripe takes it on another host" in error
    assert simulator.ledger() == []
