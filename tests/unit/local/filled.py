"""Parameters for any operation, made from the catalog: the required ones, with plausible values."""

from __future__ import annotations

from typing import Any

from stripe_flows.engine.stripe.catalog import Catalog, Operation, Shape
from stripe_flows.local.simulator.endpoints import named_by, owner_field
from stripe_flows.local.simulator.kinds import CHECKED
from stripe_flows.local.simulator.parts import Parts

PLAIN: dict[str, Any] = {
    "string": "text",
    "integer": 1000,
    "number": 1.5,
    "decimal": "1.5",
    "boolean": True,
    "any": "text",
}
NAMED: dict[str, Any] = {
    "currency": "usd",
    "from_currency": "usd",
    "to_currency": "eur",
    "country": "US",
    "query": "created>0",
    "source": "tok_visa",
    "email": "ada@example.com",
    "limit": 10,
}


class Filler:
    """Fills in what is required. `parts`: the simulated Stripe whose objects are referred to."""

    def __init__(self, catalog: Catalog, parts: Parts) -> None:
        self._catalog = catalog
        self._parts = parts
        self._ids: dict[str, str] = {}

    def id_of(self, resource: str) -> str:
        """The id of an object of this kind that is there; it is made at the first question."""
        if resource not in self._ids:
            made = self._parts.world.new(resource)
            if resource == "payment_method":
                made["card"] = {"brand": "visa", "last4": "4242"}
            self._parts.world.put(made)
            self._parts.worlds.commit()
            self._ids[resource] = made.get("id", "none")
        return self._ids[resource]

    def path_of(self, operation: Operation) -> str:
        """The operation's path with ids of objects that are there, each belonging to the last."""
        path, base, owner = "", "", None
        for piece in operation.path.strip("/").split("/"):
            base += f"/{piece}"
            if piece.startswith("{"):
                resource = named_by(base)[0]
                piece = self.id_of(resource) if owner is None else self._of(owner, resource, piece)
                owner = (resource, piece)
            path += f"/{piece}"
        return path

    def _of(self, owner: tuple[str, str], resource: str, place: str) -> str:
        made = self._parts.world.new(resource)
        field = owner_field(owner[0], place.strip("{}"), frozenset(made))
        if field is not None:
            made[field] = owner[1]
        self._parts.world.put(made, under=owner[1] if field is None else None)
        self._parts.worlds.commit()
        key: str = made["id"]
        return key

    def required(self, operation: Operation) -> dict[str, Any]:
        return {
            name: self.value(shape, name)
            for name, shape in operation.parameters.items()
            if name in operation.required
        }

    def value(self, shape: Shape, name: str) -> Any:
        shape = self._catalog.resolve(shape)
        if isinstance(shape, str):
            if shape == "string" and name in CHECKED:
                return self.id_of(name)
            return NAMED.get(name, PLAIN.get(shape, "text"))
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
        return {n: self.value(s, n) for n, s in shapes.items() if n in required}
