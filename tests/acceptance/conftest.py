"""A running local stack, and this process as one of its callers.

`stack` is broker, simulator and a worker in processes of their own. With it in use, `start_flow`,
`get_run` and `list_runs` called in a test talk to that stack, as a web application would. A test
that kills things makes a `Stack` of its own: `with Stack(...) as own, calling(own): ...`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from tests.acceptance.caller import calling

FLOWS = Path(__file__).parents[2] / "flows"

QUICK = {
    "STRIPE_FLOWS_CONNECT_TIMEOUT": "1",
    "STRIPE_FLOWS_READ_TIMEOUT": "2",
    "STRIPE_FLOWS_LEASE": "4",
    "STRIPE_FLOWS_GRACE": "2",
    "STRIPE_FLOWS_RETRY_BASE": "0.1",
    "STRIPE_FLOWS_SWEEP_INTERVAL": "0.2",
}
"""Seconds: what a test should not have to wait for is short."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack of the whole session, with the flows of the repository."""
    folder = tmp_path_factory.mktemp("stack")
    with Stack(folder, flows_dir=FLOWS, extra_env=QUICK) as running:
        yield running


@pytest.fixture
def caller(stack: Stack) -> Iterator[Stack]:
    """The stack, with this process as its caller for the length of a test."""
    with calling(stack):
        yield stack


@pytest.fixture
def simulator(stack: Stack) -> Iterator[SimulatorClient]:
    """The stack's simulator, as at its first start: no faults, and one customer."""
    assert stack.simulator_url is not None
    client = SimulatorClient(stack.simulator_url)
    client.reset()
    try:
        yield client
    finally:
        client.close()
