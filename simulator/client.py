"""Client for the control endpoints, for tests and for programs that start the simulator."""

from __future__ import annotations

from typing import Any

import requests

from .types import Fields

TIMEOUT = 30.0
"""Seconds; reading a full ledger of 200,000 requests takes a few."""


class SimulatorClient:
    """Talks to a running simulator. Raises `requests.HTTPError` with the reason of a refusal."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        # Loopback needs neither a proxy nor a .netrc of the environment.
        self._session.trust_env = False

    def health(self) -> Fields:
        """Return `status`, `api_version`, `received`, `saved_answers`, and `objects` by resource."""
        return self._object("GET", "health")

    def faults(self, rules: list[Fields]) -> list[Fields]:
        """Add rules and return all rules in force. The fields of a rule: see `faults.Rule`."""
        return self._list("POST", "faults", rules)

    def current_faults(self) -> list[Fields]:
        """Return the rules in force, with the `times` that remain and how often each has `fired`."""
        return self._list("GET", "faults")

    def clear_faults(self) -> None:
        self._list("DELETE", "faults")

    def seed(self, seed: int) -> None:
        """Make the draws of faults with a probability repeatable."""
        self._object("POST", "seed", {"seed": seed})

    def ledger(
        self, *, after: int = 0, operation: str | None = None, limit: int | None = None
    ) -> list[Fields]:
        """Return the received requests, in order.

        `operation`: `create_customer` or `POST /v1/customers`.
        """
        query: dict[str, Any] = {"after": after, "operation": operation, "limit": limit}
        return self._list("GET", "ledger", query=query)

    def effects(self, *, at_least: int = 1) -> Fields:
        """Return what was executed, by idempotency key and in total.

        `keys`: idempotency key → operation, `executed`, objects; `operations` and `resources`:
        counts. `at_least=2` returns only keys that were executed twice.
        """
        return self._object("GET", "effects", query={"at_least": at_least})

    def authenticate(self, payment_intent: str, *, success: bool = True) -> Fields:
        """End `requires_action` of a payment or setup intent, as the customer does on the bank's
        page.
        """
        name = "setup_intent" if payment_intent.startswith("seti_") else "payment_intent"
        body = {name: payment_intent, "success": success}
        return self._object("POST", "authenticate", body)

    def complete(
        self, session: str, *, payment_method: str = "pm_card_visa", email: str | None = None
    ) -> Fields:
        """Complete a checkout session, as the customer does on Stripe's page.

        A declined card raises, and the session stays open.
        """
        body = {"session": session, "payment_method": payment_method}
        return self._object("POST", "complete", body if email is None else body | {"email": email})

    def onboard(self, account: str) -> Fields:
        """Complete the onboarding of a connected account, as its owner does on Stripe's page."""
        return self._object("POST", "onboard", {"account": account})

    def settle(self, object_id: str, *, success: bool | None = None) -> Fields:
        """Finish a pending debit, refund or payout now.

        Otherwise it finishes after some seconds, as Stripe's test account or card says.
        """
        return self._object("POST", "settle", {"object": object_id, "success": success})

    def billing(self, *, after_retries: str) -> None:
        """Set what follows the last retry of a payment: `cancel`, `unpaid`, `past_due`."""
        self._object("POST", "billing", {"after_retries": after_retries})

    def make(
        self, resource: str, fields: Fields | None = None, *, account: str | None = None
    ) -> Fields:
        """Create an object that only Stripe creates: `make("review", {"charge": "ch_1"})`."""
        body = {"resource": resource, "fields": fields or {}, "account": account}
        return self._object("POST", "make", body)

    def reset(self) -> None:
        """Return to the first start: only the seeded customers, no saved answers, no faults."""
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
