"""What a start is given: the same once more, another, or something wrong."""

from __future__ import annotations

import threading

import pytest

from stripe_flows import list_runs, start_flow
from stripe_flows.engine.errors import FlowNotFound, InputError, RunMismatch
from stripe_flows.simulator.client import SimulatorClient
from tests.acceptance.caller import fresh, start_main

pytestmark = pytest.mark.usefixtures("caller", "simulator")


def test_a_run_id_given_twice_starts_one_run(simulator: SimulatorClient) -> None:
    run_id = fresh("order")
    runs = [start_main(run_id) for _ in range(3)]
    threads = [threading.Thread(target=start_main, args=(run_id,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {run.id for run in runs} == {run_id}
    assert runs[0].wait(timeout=20) == "succeeded"
    start_main(run_id)
    assert len(simulator.ledger(operation="create_payment_intent")) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"params": {"customer": "cus_other"}},
        {"context_id": "other"},
        {"worker_id": "default"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_run_id_with_other_input_is_a_mismatch(changed: dict[str, object]) -> None:
    run_id = fresh("order")
    run = start_main(run_id)
    with pytest.raises(RunMismatch, match=run_id):
        start_main(run_id, **changed)
    # Its request must not arrive in the middle of the next test.
    assert run.wait(timeout=20) == "succeeded"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"worker_id": "unacked:1"}, "worker_id 'unacked:1'"),
        ({"worker_id": ""}, "worker_id ''"),
        ({"worker_id": "w" * 65}, "1 to 64"),
        ({"context_id": "c" * 201}, "1 to 200"),
        ({"context_id": "a\nb"}, "printable"),
        ({"run_id": "order 42"}, "run_id 'order 42'"),
        ({"run_id": "x" * 129}, "1 to 128"),
        ({"params": {"big": "x" * 65_536}}, "the limit is 65,536"),
        ({"params": {"when": object()}}, "JSON"),
        ({"params": {1: "one"}}, "key 1"),
        ({"params": {"nan": float("nan")}}, "JSON"),
        ({"params": ["a"]}, "dict"),
        ({"stripe_secret": "pk_test_publishable"}, "neither a Stripe key"),
        ({"worker_id": "sk_test_planted!"}, "worker_id"),
        ({"worker_id": "sk_test_planted"}, "worker_id .* holds a Stripe key"),
        ({"context_id": "for rk_live_planted"}, "context_id .* holds a Stripe key"),
        ({"run_id": "sk_test_planted"}, "run_id .* holds a Stripe key"),
        ({"script": b"print(1)", "flow": None}, "script is a bytes"),
        ({"stripe_secret": "env:sk_test_planted"}, "begin with STRIPE_"),
        ({"stripe_secret": 123}, "stripe_secret is a int"),
        ({"params": {"a": "\ud800"}}, "not valid Unicode"),
        ({"stripe_secret": "env:HOME"}, "begin with STRIPE_"),
        ({"stripe_secret": "env:STRIPE_FLOWS_SEAL_KEYS"}, "not with STRIPE_FLOWS_"),
        ({"stripe_secret": "sk_live_planted"}, "STRIPE_FLOWS_ALLOW_LIVE"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_input_is_told_at_once_and_starts_nothing(
    changed: dict[str, object], said: str, simulator: SimulatorClient
) -> None:
    before = {run.id for run in list_runs(limit=1000)}
    with pytest.raises(InputError, match=said) as caught:
        start_main(**{"run_id": fresh(), **changed})  # type: ignore[arg-type]
    assert "planted" not in str(caught.value)
    assert {run.id for run in list_runs(limit=1000)} == before
    assert simulator.ledger() == []


def test_params_without_an_end_are_told_at_once() -> None:
    params: dict[str, object] = {}
    for _ in range(100_000):
        params = {"in": params}
    with pytest.raises(InputError, match="nested too deeply"):
        start_main(fresh(), params=params)


def test_a_flow_that_is_not_there_is_told_with_the_nearest_name() -> None:
    with pytest.raises(FlowNotFound, match="did you mean 'main'"):
        start_flow("mian")
    with pytest.raises(InputError) as caught:
        start_flow("sk_test_planted")
    assert "planted" not in str(caught.value)
    with pytest.raises(InputError, match="not the name of a flow"):
        start_flow("../main")
    with pytest.raises(InputError, match="needs either the name of a flow or script="):
        start_flow("main", script="print(1)")
