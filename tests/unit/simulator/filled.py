"""Parameters for any operation, from the catalog: the required ones, with plausible values."""

from __future__ import annotations

from typing import Any

from stripe_flows.engine.stripe.catalog import Catalog, Operation, Shape
from stripe_flows.simulator.billing.subscriptions import subscriptions
from stripe_flows.simulator.operations.endpoints import named_by, owner_field
from stripe_flows.simulator.operations.references import METHODS, NAMED
from stripe_flows.simulator.simulation import Simulation

PLAIN: dict[str, Any] = {
    "string": "text",
    "integer": 1000,
    "timestamp": 1_900_000_000,
    "number": 1.5,
    "decimal": "1.5",
    "boolean": True,
    "any": "text",
}
KNOWN: dict[str, Any] = {
    "currency": "usd",
    "from_currency": "usd",
    "to_currency": "eur",
    "country": "US",
    "query": "metadata['order']:'7'",
    "source": "tok_visa",
    "email": "ada@example.com",
    "limit": 10,
}

DEMANDED: dict[str, dict[str, Any]] = {
    "advance_test_helpers_test_clock": {"frozen_time": 1000},
    "attach_payment_method": {"customer": "@customer"},
    "create_charge": {"amount": 2000, "currency": "usd", "source": "tok_visa"},
    "create_payment_method": {"type": "card", "card": {"token": "tok_visa"}},
    "create_transfer": {"amount": 2000},
    "verify_payment_intent_microdeposits": {"descriptor_code": "SM11AA"},
    "verify_setup_intent_microdeposits": {"descriptor_code": "SM11AA"},
    "confirm_payment_intent": {"payment_method": "pm_card_visa"},
    "confirm_setup_intent": {"payment_method": "pm_card_visa"},
    "create_checkout_session": {
        "mode": "payment",
        "success_url": "https://example.com",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 500,
                    "product_data": {"name": "Tea"},
                },
            }
        ],
    },
    "create_coupon": {"percent_off": 10},
    "add_invoice_lines": {"lines": [{"amount": 500, "description": "Tea"}]},
    "create_credit_note": {"amount": 500, "credit_amount": 500},
    "create_invoice": {"customer": "@customer"},
    "create_invoice_item": {"customer": "@customer", "amount": 500, "currency": "usd"},
    "create_subscription_item": {"price": "@price"},
    "pay_invoice": {"paid_out_of_band": True},
    "create_price": {"product": "@product", "unit_amount": 500},
    "create_promotion_code": {"promotion": {"type": "coupon", "coupon": "@coupon"}},
    "create_subscription_schedule": {
        "customer": "@customer",
        "start_date": 1_900_000_000,
        "phases": [{"items": [{"price": "@price"}], "duration": {"interval": "month"}}],
    },
    "create_invoice_preview": {
        "customer": "@customer",
        "invoice_items": [{"amount": 500, "currency": "usd"}],
    },
    "preview_credit_note": {"amount": 500},
    "create_refund": {"charge": "@charge"},
    "create_subscription": {
        "customer": "@customer",
        "collection_method": "send_invoice",
        "days_until_due": 5,
        "items": [
            {
                "price_data": {
                    "currency": "usd",
                    "product": "@product",
                    "unit_amount": 500,
                    "recurring": {"interval": "month"},
                }
            }
        ],
    },
}
"""What Stripe demands though the types of its parameters do not: `@product` is the id of one."""

STARTED: dict[str, dict[str, Any]] = {
    "application_fee": {"amount": 100},
    "charge": {"amount": 2000, "amount_captured": 2000, "captured": True},
    "payment_intent": {"amount": 2000},
    "payment_method": {"card": {"brand": "visa", "last4": "4242"}},
    "price": {
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        "type": "recurring",
        "unit_amount": 500,
    },
    "transfer": {"amount": 2000},
}
"""Fields of an object to start from, where a fresh one will not do."""

FOR_ONE: dict[str, dict[str, Any]] = {
    "cancel_refund": {"status": "requires_action"},
    "capture_charge": {"amount": 2000, "captured": False},
    "capture_payment_intent": {
        "amount": 2000,
        "amount_capturable": 2000,
        "status": "requires_capture",
    },
    "detach_payment_method": {"customer": "cus_1"},
    "update_payment_method": {"customer": "cus_1"},
    "attach_invoice_payment": {"status": "open"},
    "accept_quote": {"status": "open", "customer": "cus_1"},
    "create_credit_note": {"status": "open", "amount_remaining": 500},
    "pay_invoice": {"status": "open", "customer": "cus_1", "amount_remaining": 500},
    "preview_credit_note": {"status": "open", "amount_remaining": 500},
    "mark_invoice_uncollectible": {"status": "open"},
    "reverse_payout": {"status": "paid", "amount": 500},
    "resume_subscription": {"status": "paused"},
    "verify_payment_intent_microdeposits": {
        "status": "requires_action",
        "payment_method": "pm_usBankAccount_success",
    },
    "verify_setup_intent_microdeposits": {
        "status": "requires_action",
        "payment_method": "pm_usBankAccount_success",
    },
    "void_credit_note": {"type": "pre_payment", "invoice": "@invoice"},
    "send_invoice": {"collection_method": "send_invoice"},
    "void_invoice": {"status": "open"},
    "increment_payment_intent_authorization": {"amount": 500, "status": "requires_capture"},
}
"""The same, for one operation."""


class Filler:
    """Fills in what is required. `simulation`: the Stripe whose objects are referred to."""

    def __init__(self, catalog: Catalog, simulation: Simulation) -> None:
        self._catalog = catalog
        self._simulation = simulation
        self._ids: dict[str, str] = {}
        self._started: dict[str, Any] = {}

    def id_of(self, resource: str) -> str:
        """The id of an object of this kind that is there; it is made at the first question."""
        if resource == "event":
            self._simulation.world.put(self._simulation.world.new("customer"))
            self._simulation.worlds.commit()
            key: str = next(self._simulation.world.events.newest_first(None))["id"]
            return key
        if resource in ("subscription", "subscription_item") and resource not in self._ids:
            self._subscribe()
        if resource not in self._ids:
            started = self._started or STARTED.get(resource, {})
            made = self._simulation.world.new(resource) | started
            self._simulation.world.put(made)
            self._simulation.worlds.commit()
            self._ids[resource] = made.get("id", "none")
        return self._ids[resource]

    def _subscribe(self) -> None:
        started, self._started = self._started, {}
        prices = [self._simulation.world.new("price") | STARTED["price"] for _ in range(2)]
        for price in prices:
            self._simulation.world.put(price)
        params = {
            "customer": self.id_of("customer"),
            "collection_method": "send_invoice",
            "days_until_due": 5,
            # Two, so that one can be taken away.
            "items": [{"price": price["id"]} for price in prices],
        }
        made = subscriptions.create(self._simulation.world, params, ()) | started
        self._simulation.world.put(made)
        self._simulation.worlds.commit()
        self._ids["subscription"] = made["id"]
        self._ids["subscription_item"] = made["items"]["data"][0]["id"]

    def path_of(self, operation: Operation) -> str:
        """The operation's path with ids of objects that are there, each belonging to the last."""
        path, base, owner = "", "", None
        self._started = self._named(FOR_ONE.get(operation.name, {}))
        for piece in operation.path.strip("/").split("/"):
            base += f"/{piece}"
            if piece.startswith("{"):
                resource = named_by(base)[0]
                piece = self.id_of(resource) if owner is None else self._of(owner, resource, piece)
                owner = (resource, piece)
            path += f"/{piece}"
        self._started = {}
        return path

    def _of(self, owner: tuple[str, str], resource: str, place: str) -> str:
        made = self._simulation.world.new(resource)
        if resource == "line_item":
            invoice = self._simulation.world.store.get(*owner) or {}
            invoice["lines"]["data"].append(made)
            self._simulation.world.put(invoice)
        field = owner_field(owner[0], place.strip("{}"), frozenset(made))
        if field is not None:
            made[field] = owner[1]
        self._simulation.world.put(made, under=owner[1] if field is None else None)
        self._simulation.worlds.commit()
        key: str = made["id"]
        return key

    def required(self, operation: Operation) -> dict[str, Any]:
        """Its required parameters, and those that Stripe demands beyond what its types say."""
        self._started = self._named(FOR_ONE.get(operation.name, {}))
        params = {
            name: self.value(shape, name)
            for name, shape in operation.parameters.items()
            if name in operation.required
        }
        if "card" in params and "/issuing/" in operation.path:
            params["card"] = self.id_of("issuing.card")
        for name, value in DEMANDED.get(operation.name, {}).items():
            params[name] = self._named(value)
        self._started = {}
        return params

    def _named(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._named(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._named(inner) for inner in value]
        return self.id_of(value[1:]) if str(value).startswith("@") else value

    def value(self, shape: Shape, name: str) -> Any:
        shape = self._catalog.resolve(shape)
        if isinstance(shape, str):
            if shape == "string" and name in NAMED:
                return self.id_of(NAMED[name][0])
            if shape == "string" and name in METHODS:
                return "pm_card_visa"
            return KNOWN.get(name, PLAIN.get(shape, "text"))
        assert isinstance(shape, dict)
        match next(iter(shape)):
            case "enum":
                return shape["enum"][0]  # type: ignore[index]
            case "unset" | "any_of" as kind:
                inner = shape[kind]
                return self.value(inner[0] if kind == "any_of" else inner, name)  # type: ignore[index]
            case "list":
                return [self.value(shape["list"], name)]
            case "map":
                return {"key": "text"}
        shapes, required = self._catalog.object_fields(shape["object"])
        # Nothing can be written of an empty object in a form.
        some = required or list(shapes)[:1]
        return {n: self.value(s, n) for n, s in shapes.items() if n in some}
