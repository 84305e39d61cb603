"""The control endpoints from Python: for tests, and for what starts the simulator."""

from __future__ import annotations

from typing import Any

import requests

from .types import Fields

TIMEOUT = 30.0
"""Seconds; a full ledger of 200,000 requests takes a few."""


class SimulatorClient:
    """Talks to a running simulator. Raises `requests.HTTPError` with its reason if it refuses."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        # A proxy or a .netrc of the environment has no say on loopback.
        self._session.trust_env = False

    def health(self) -> Fields:
        """`status`, `api_version`, `received`, `saved_answers`, `objects` by resource."""
        return self._object("GET", "health")

    def faults(self, rules: list[Fields]) -> list[Fields]:
        """Add rules; the rules in force. Fields of a rule: see `faults.Rule`."""
        return self._list("POST", "faults", rules)

    def current_faults(self) -> list[Fields]:
        """The rules in force, with what is left of them and how often each has `fired`."""
        return self._list("GET", "faults")

    def clear_faults(self) -> None:
        self._list("DELETE", "faults")

    def seed(self, seed: int) -> None:
        """Make the drawing of faults with a probability the same each time."""
        self._object("POST", "seed", {"seed": seed})

    def ledger(
        self, *, after: int = 0, operation: str | None = None, limit: int | None = None
    ) -> list[Fields]:
        """What was received, in order. `operation`: `create_customer` or `POST /v1/customers`."""
        query: dict[str, Any] = {"after": after, "operation": operation, "limit": limit}
        return self._list("GET", "ledger", query=query)

    def effects(self, *, at_least: int = 1) -> Fields:
        """`keys`: idempotency key → operation, how often it was `executed`, objects; `operations`
        and `resources`: how many. `at_least=2` leaves only what was done twice."""
        return self._object("GET", "effects", query={"at_least": at_least})

    def authenticate(self, payment_intent: str, *, success: bool = True) -> Fields:
        """Do what the customer does at the bank's page: ends `requires_action`, of a payment intent
        or of a setup intent."""
        name = "setup_intent" if payment_intent.startswith("seti_") else "payment_intent"
        body = {name: payment_intent, "success": success}
        return self._object("POST", "authenticate", body)

    def complete(
        self, session: str, *, payment_method: str = "pm_card_visa", email: str | None = None
    ) -> Fields:
        """Do what the customer does on Stripe's page: the checkout session, completed. A card that
        declines raises, and the session stays open."""
        body = {"session": session, "payment_method": payment_method}
        return self._object("POST", "complete", body if email is None else body | {"email": email})

    def onboard(self, account: str) -> Fields:
        """Do what the owner does on Stripe's page: the connected account, ready to be paid."""
        return self._object("POST", "onboard", {"account": account})

    def settle(self, key: str, *, success: bool | None = None) -> Fields:
        """Let happen now what a debit, a refund or a payout waits for; it does by itself
        after a few seconds, where Stripe's test account or card says so."""
        return self._object("POST", "settle", {"object": key, "success": success})

    def billing(self, *, after_retries: str) -> None:
        """What becomes of a subscription after the last retry: `cancel`, `unpaid`, `past_due`."""
        self._object("POST", "billing", {"after_retries": after_retries})

    def make(
        self, resource: str, fields: Fields | None = None, *, account: str | None = None
    ) -> Fields:
        """A fresh object that Stripe would make by itself: `make("review", {"charge": "ch_1"})`."""
        body = {"resource": resource, "fields": fields or {}, "account": account}
        return self._object("POST", "make", body)

    def reset(self) -> None:
        """As at the first start: no objects but the seeded ones, no saved answers, no faults."""
        self._object("POST", "reset")

    def close(self) -> None:
        self._session.close()

    def _object(self, method: str, name: str, body: Any = None, query: Any = None) -> Fields:
        found = self._call(method, name, body, query)
        assert isinstance(found, dict)
        return found

    def _list(self, method: str, name: str, body: Any = None, query: Any = None) -> list[Fields]:
        found = self._call(method, name, body, query)
        assert isinstance(found, list)
        return found

    def _call(self, method: str, name: str, body: Any, query: Any) -> Any:
        reply = self._session.request(
            method, f"{self.base_url}/_sim/{name}", json=body, params=query, timeout=TIMEOUT
        )
        if not reply.ok:
            raise requests.HTTPError(f"{method} /_sim/{name}: {reply.text}", response=reply)
        return reply.json()
