"""The control endpoints under `/_sim/`: faults, what was received and done, a fresh start.

They take and give JSON and need no key; the simulator listens on loopback only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from stripe_flows.engine.errors import nearest
from stripe_flows.simulator.consequences import follow, settle
from stripe_flows.simulator.events import Cause
from stripe_flows.simulator.http import Reply, Request
from stripe_flows.simulator.parts import Parts
from stripe_flows.simulator.problems import Problem
from stripe_flows.simulator.resources import (
    accounts,
    checkout,
    dunning,
    payment_intents,
    setup_intents,
)
from stripe_flows.simulator.shapes import shapes
from stripe_flows.simulator.world import World

_Action: TypeAlias = Callable[[Any, dict[str, str]], Any]


class Control:
    """Answers what comes to `/_sim/`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._actions: dict[str, _Action] = {
            "GET /_sim/health": self._health,
            "GET /_sim/faults": lambda body, query: parts.faults.as_json(),
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

    def answer(self, request: Request) -> Reply:
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
            "api_version": self._parts.catalog.api_version,
            "received": len(self._parts.ledger),
            "saved_answers": len(self._parts.answers),
            "objects": self._parts.worlds.counts(),
        }

    def _add_faults(self, body: Any, query: dict[str, str]) -> Any:
        if not isinstance(body, list):
            raise ValueError("the faults are a list of rules")
        self._parts.faults.add(body)
        return self._parts.faults.as_json()

    def _clear_faults(self, body: Any, query: dict[str, str]) -> Any:
        self._parts.faults.clear()
        return []

    def _seed(self, body: Any, query: dict[str, str]) -> Any:
        self._parts.faults.seed(int(body["seed"]))
        return {"seed": int(body["seed"])}

    def _ledger(self, body: Any, query: dict[str, str]) -> Any:
        limit = int(query["limit"]) if "limit" in query else None
        found = self._parts.ledger.after(int(query.get("after", 0)), query.get("operation"), limit)
        return [entry.as_json() for entry in found]

    def _effects(self, body: Any, query: dict[str, str]) -> Any:
        done = self._parts.effects.as_json(int(query.get("at_least", 1)))
        return done | {"resources": self._parts.worlds.counts()}

    def _age(self, body: Any, query: dict[str, str]) -> Any:
        self._parts.answers.age(float(body["seconds"]))
        self._parts.state.commit()
        return {"saved_answers": len(self._parts.answers)}

    def _authenticate(self, body: Any, query: dict[str, str]) -> Any:
        name, key = _one_of(body, "payment_intent", "setup_intent")
        success = bool(body.get("success", True))
        resource = payment_intents if name == "payment_intent" else setup_intents
        return self._acted(body, lambda world: resource.authenticate(world, key, success=success))

    def _onboard(self, body: Any, query: dict[str, str]) -> Any:
        """The owner of a connected account goes through Stripe's onboarding."""
        _, key = _one_of(body, "account")
        return self._acted({}, lambda world: accounts.complete(world, key))

    def _complete(self, body: Any, query: dict[str, str]) -> Any:
        _, session = _one_of(body, "session")
        card = body.get("payment_method", "pm_card_visa")
        email = body.get("email", "customer@example.com")
        return self._acted(
            body,
            lambda world: checkout.complete(world, session, card=card, email=email),
        )

    def _make(self, body: Any, query: dict[str, str]) -> Any:
        """What Stripe makes by itself (an early fraud warning): a fresh one, with these fields."""
        _, resource = _one_of(body, "resource")
        if resource not in shapes().resources:
            hint = nearest(resource, shapes().resources)
            raise ValueError(f"no resource is called {resource!r}{hint}")
        fields = body.get("fields") or {}
        return self._acted(body, lambda world: world.put(world.new(resource) | fields))

    def _settle(self, body: Any, query: dict[str, str]) -> Any:
        """What a payment or a refund waits for, now: `success` as it says, or as Stripe's test card
        or account has it."""
        _, key = _one_of(body, "object")
        success = body.get("success")
        return self._acted(body, lambda world: settle(world, key, success=success))

    def _billing(self, body: Any, query: dict[str, str]) -> Any:
        """What is set in Stripe's Dashboard: what follows the last retry of a payment."""
        _, wanted = _one_of(body, "after_retries")
        self._acted(body, lambda world: dunning.set_after_retries(world, wanted))
        return {"after_retries": wanted}

    def _acted(self, body: Any, act: Callable[[World], Any]) -> Any:
        """What happens beside the requests; `account` of the body: in a connected account."""
        world = self._parts.worlds.of(body.get("account"))
        world.cause = Cause()
        try:
            found = act(world)
            follow(world)
            self._parts.worlds.commit()
        finally:
            self._parts.worlds.drop()
        self._parts.state.commit()
        return found

    def _reset(self, body: Any, query: dict[str, str]) -> Any:
        self._parts.reset()
        return self._health(body, query)


def _one_of(body: Any, *names: str) -> tuple[str, str]:
    """The one of these names that the body has, and its text. Raises ValueError."""
    for name in names:
        if isinstance(body, dict) and isinstance(body.get(name), str):
            return name, body[name]
    shown = " or ".join(f'{{"{name}": "…"}}' for name in names)
    raise ValueError(f"the body is a JSON object with {shown}")


def _reply(status: int, value: Any) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(value).encode())
