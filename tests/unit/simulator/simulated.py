"""A simulated Stripe in process: requests in, answers out, without a socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from requests.structures import CaseInsensitiveDict

from stripe_flows.simulator.api import Api
from stripe_flows.simulator.http import HttpOutcome, HttpRequest, HttpResponse
from stripe_flows.simulator.objects.state import State
from stripe_flows.simulator.simulation import Simulation, make_simulation
from stripe_flows.simulator.types import Fields

KEY = "sk_test_simulated"


@dataclass
class Answer:
    """An answer, read."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: Fields

    @property
    def error(self) -> Fields:
        found = self.body["error"]
        assert isinstance(found, dict)
        return found


@dataclass
class Simulated:
    """Sends requests to the simulator's pipeline; `simulation` is open to the test."""

    simulation: Simulation = field(default_factory=lambda: make_simulation(customers=["cus_1"]))
    latency: float = 0.0

    def __post_init__(self) -> None:
        self._api = Api(self.simulation, latency=self.latency)

    async def outcome(
        self,
        method: str,
        path: str,
        params: list[tuple[str, str]] | dict[str, Any] | None = None,
        *,
        key: str | None = None,
        secret: str | None = KEY,
        headers: dict[str, str] | None = None,
    ) -> HttpOutcome:
        sent = CaseInsensitiveDict(headers or {})
        if key is not None:
            sent["Idempotency-Key"] = key
        if secret is not None:
            sent["Authorization"] = f"Bearer {secret}"
        text = urlencode(params or {})
        query, body = ("", text) if method == "POST" else (text, "")
        return await self._api.answer(HttpRequest(method, path, query, sent, body.encode()))

    async def asked(self, method: str, path: str, params: Any = None, **rest: Any) -> Answer:
        outcome = await self.outcome(method, path, params, **rest)
        assert isinstance(outcome, HttpResponse), outcome
        return Answer(
            outcome.status, CaseInsensitiveDict(outcome.headers), json.loads(outcome.body)
        )

    def post(self, path: str, params: Any = None, **rest: Any) -> Answer:
        return asyncio.run(self.asked("POST", path, params, **rest))

    def get(self, path: str, params: Any = None, **rest: Any) -> Answer:
        return asyncio.run(self.asked("GET", path, params, **rest))

    def delete(self, path: str, params: Any = None, **rest: Any) -> Answer:
        return asyncio.run(self.asked("DELETE", path, params, **rest))

    def executed(self) -> dict[str, int]:
        """Idempotency key → how often something was done under it."""
        keys = self.simulation.effects.as_json(1)["keys"]
        return {key: effect["executed"] for key, effect in keys.items()}


def simulated(state: State | None = None) -> Simulated:
    return Simulated(make_simulation(state, customers=["cus_1"]))
