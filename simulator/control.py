"""The control endpoints under `/_sim/`: faults, records, and actions of customers and banks.

They accept and return JSON and need no key, because the simulator listens on loopback only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from stripe_flows.engine.nearest import nearest
from stripe_flows.simulator.billing.subscriptions import dunning
from stripe_flows.simulator.checkout import sessions
from stripe_flows.simulator.connect import accounts
from stripe_flows.simulator.objects.events import RequestCause
from stripe_flows.simulator.objects.shapes import shapes
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.payments import payment_intents, setup_intents

from .http import HttpRequest, HttpResponse
from .problems import Problem
from .reactions import react
from .settling import settle
from .simulation import Simulation

_Action: TypeAlias = Callable[[Any, dict[str, str]], Any]


class Control:
    """Answers requests to `/_sim/`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._actions: dict[str, _Action] = {
            "GET /_sim/health": self._health,
            "GET /_sim/faults": lambda body, query: simulation.faults.as_json(),
            "POST /_sim/faults": self._add_faults,
            "DELETE /_sim/faults": self._clear_faults,
            "POST /_sim/seed": self._seed,
            "GET /_sim/ledger": self._ledger,
            "GET /_sim/effects": self._effects,
            "POST /_sim/age": self._age,
            "POST /_sim/authenticate": self._authenticate,
            "POST /_sim/complete": self._complete,
            "POST /_sim/onboard": self._onboard,
            "POST /_sim/settle": self._settle,
            "POST /_sim/make": self._make,
            "POST /_sim/billing": self._billing,
            "POST /_sim/reset": self._reset,
        }

    def answer(self, request: HttpRequest) -> HttpResponse:
        action = self._actions.get(f"{request.method} {request.path}")
        if action is None:
            known = ", ".join(self._actions)
            return _reply(404, {"error": f"no such control endpoint; there are: {known}"})
        try:
            body = json.loads(request.body) if request.body else None
            return _reply(200, action(body, dict(parse_qsl(request.query))))
        except Problem as problem:
            return _reply(problem.status, {"error": problem.error})
        except (ValueError, TypeError, KeyError) as error:
            return _reply(400, {"error": f"{type(error).__name__}: {error}"})

    def _health(self, body: Any, query: dict[str, str]) -> Any:
        return {
            "status": "ok",
            "api_version": self._simulation.catalog.api_version,
            "received": len(self._simulation.ledger),
            "saved_answers": len(self._simulation.answers),
            "objects": self._simulation.worlds.counts(),
        }

    def _add_faults(self, body: Any, query: dict[str, str]) -> Any:
        if not isinstance(body, list):
            raise ValueError("the faults must be a list of rules")
        self._simulation.faults.add(body)
        return self._simulation.faults.as_json()

    def _clear_faults(self, body: Any, query: dict[str, str]) -> Any:
        self._simulation.faults.clear()
        return []

    def _seed(self, body: Any, query: dict[str, str]) -> Any:
        self._simulation.faults.seed(int(body["seed"]))
        return {"seed": int(body["seed"])}

    def _ledger(self, body: Any, query: dict[str, str]) -> Any:
        limit = int(query["limit"]) if "limit" in query else None
        found = self._simulation.ledger.after(
            int(query.get("after", 0)), query.get("operation"), limit
        )
        return [entry.as_json() for entry in found]

    def _effects(self, body: Any, query: dict[str, str]) -> Any:
        done = self._simulation.effects.as_json(int(query.get("at_least", 1)))
        return done | {"resources": self._simulation.worlds.counts()}

    def _age(self, body: Any, query: dict[str, str]) -> Any:
        self._simulation.answers.age(float(body["seconds"]))
        self._simulation.state.commit()
        return {"saved_answers": len(self._simulation.answers)}

    def _authenticate(self, body: Any, query: dict[str, str]) -> Any:
        name, key = _one_of(body, "payment_intent", "setup_intent")
        success = bool(body.get("success", True))
        resource = payment_intents if name == "payment_intent" else setup_intents
        return self._acted(body, lambda world: resource.authenticate(world, key, success=success))

    def _onboard(self, body: Any, query: dict[str, str]) -> Any:
        """Complete the onboarding of a connected account, as its owner does."""
        _, key = _one_of(body, "account")
        return self._acted({}, lambda world: accounts.complete(world, key))

    def _complete(self, body: Any, query: dict[str, str]) -> Any:
        _, session = _one_of(body, "session")
        card = body.get("payment_method", "pm_card_visa")
        email = body.get("email", "customer@example.com")
        return self._acted(
            body,
            lambda world: sessions.complete(world, session, card=card, email=email),
        )

    def _make(self, body: Any, query: dict[str, str]) -> Any:
        """Create an object that only Stripe creates (an early fraud warning), with these fields."""
        _, resource = _one_of(body, "resource")
        if resource not in shapes().resources:
            hint = nearest(resource, shapes().resources)
            raise ValueError(f"unknown resource {resource!r}{hint}")
        fields = body.get("fields") or {}
        return self._acted(body, lambda world: world.put(world.new(resource) | fields))

    def _settle(self, body: Any, query: dict[str, str]) -> Any:
        """Finish a pending payment or refund now.

        `success`: None applies the test card's or account's rule.
        """
        _, key = _one_of(body, "object")
        success = body.get("success")
        return self._acted(body, lambda world: settle(world, key, success=success))

    def _billing(self, body: Any, query: dict[str, str]) -> Any:
        """Set what follows the last retry of a payment, as in Stripe's Dashboard."""
        _, wanted = _one_of(body, "after_retries")
        self._acted(body, lambda world: dunning.set_after_retries(world, wanted))
        return {"after_retries": wanted}

    def _acted(self, body: Any, act: Callable[[World], Any]) -> Any:
        """Carry out an action that is not a request. `account` of the body: a connected account."""
        world = self._simulation.worlds.of(body.get("account"))
        world.cause = RequestCause()
        try:
            found = act(world)
            react(world)
            self._simulation.worlds.commit()
        finally:
            self._simulation.worlds.drop()
        self._simulation.state.commit()
        return found

    def _reset(self, body: Any, query: dict[str, str]) -> Any:
        self._simulation.reset()
        return self._health(body, query)


def _one_of(body: Any, *names: str) -> tuple[str, str]:
    """Return the first of these names that the body has, and its string. Raise ValueError."""
    for name in names:
        if isinstance(body, dict) and isinstance(body.get(name), str):
            return name, body[name]
    shown = " or ".join(f'{{"{name}": "…"}}' for name in names)
    raise ValueError(f"the body must be a JSON object with {shown}")


def _reply(status: int, value: Any) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "application/json"}, json.dumps(value).encode())
