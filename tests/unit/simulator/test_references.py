"""Every parameter that names an object is refused if it does not exist, in every operation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from stripe_flows.engine.stripe.catalog import Operation, Shape, stripe_catalog
from stripe_flows.engine.stripe.form import encode_form
from stripe_flows.simulator.operations.references import FILTERS, FREE, METHODS, NAMED
from tests.unit.simulator.filled import Filler
from tests.unit.simulator.simulated import Simulated, simulated

CATALOG = stripe_catalog()
MISSING = "nothing_at_all"


def places(shape: Shape, path: tuple[str, ...], seen: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The paths of all parameters below that name an object; `0` stands for a list's member."""
    found = CATALOG.resolve(shape)
    if isinstance(found, str):
        name = path[-2] if path[-1] == "0" else path[-1]
        if found == "string" and (name in NAMED or (name in METHODS and path[-1] != "0")):
            yield path
        return
    assert isinstance(found, dict)
    if "list" in found:
        yield from places(found["list"], (*path, "0"), seen)
    elif "unset" in found:
        yield from places(found["unset"], path, seen)
    elif "any_of" in found:
        for one in found["any_of"]:  # type: ignore[union-attr]
            yield from places(one, path, seen)
    elif "object" in found:
        key = json.dumps(found["object"])
        if key in seen:
            return
        fields, _ = CATALOG.object_fields(found["object"])
        for name, one in fields.items():
            if name not in FREE:
                yield from places(one, (*path, name), seen | {key})


def with_missing(filler: Filler, shape: Shape, path: tuple[str, ...]) -> Any:
    """A value with the missing id at the path, and what is required beside it."""
    if not path:
        return MISSING
    found = CATALOG.resolve(shape)
    assert isinstance(found, dict)
    if "list" in found:
        return [with_missing(filler, found["list"], path[1:])]
    if "unset" in found:
        return with_missing(filler, found["unset"], path)
    if "any_of" in found:
        for one in found["any_of"]:  # type: ignore[union-attr]
            if path in set(places(one, (), frozenset())) or not isinstance(
                CATALOG.resolve(one), str
            ):
                return with_missing(filler, one, path)
    fields, required = CATALOG.object_fields(found["object"])
    value = {name: filler.value(fields[name], name) for name in required}
    return value | {path[0]: with_missing(filler, fields[path[0]], path[1:])}


def named(operation: Operation) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, shape in operation.parameters.items():
        if name in FREE or (operation.method == "GET" and name not in FILTERS):
            continue
        found += places(shape, (name,), frozenset())
    return sorted(set(found))


OPERATIONS = [one for one in CATALOG.operations.values() if one.method != "DELETE" and named(one)]


def sent(stripe: Simulated, operation: Operation, path: tuple[str, ...]) -> Any:
    filler = Filler(CATALOG, stripe.simulation)
    url = filler.path_of(operation)
    params = filler.required(operation)
    shape = operation.parameters[path[0]]
    params[path[0]] = with_missing(filler, shape, path[1:])
    text = encode_form(json.loads(json.dumps(params)))
    send = stripe.post if operation.method == "POST" else stripe.get
    return send(url, parse_qsl(text, keep_blank_values=True))


def test_every_reference_has_to_name_something() -> None:
    stripe = simulated()
    wrong: dict[str, Any] = {}
    tried = 0
    for operation in OPERATIONS:
        for path in named(operation):
            tried += 1
            refused = sent(stripe, operation, path)
            param = path[0] + "".join(f"[{step}]" for step in path[1:])
            error = refused.body.get("error") or {}
            if (refused.status, error.get("code"), error.get("param")) != (
                400,
                "resource_missing",
                param,
            ):
                wrong[f"{operation.name} {param}"] = refused.body.get("error", refused.status)
            stripe.simulation.reset()
    assert not wrong, json.dumps(wrong, indent=1)
    assert tried > 350


def test_a_name_in_text_of_ones_own_is_not_looked_for() -> None:
    stripe = simulated()
    made = stripe.post("/v1/customers", {"metadata[customer]": "cus_elsewhere"})
    assert made.status == 200


@pytest.mark.parametrize("card", ["pm_card_visa", "pm_usBankAccount_success"])
def test_a_test_payment_method_is_there(card: str) -> None:
    made = simulated().post(
        "/v1/payment_intents", {"amount": 500, "currency": "usd", "payment_method": card}
    )
    assert made.status == 200


def test_a_list_of_what_a_deleted_customer_had_is_answered() -> None:
    stripe = simulated()
    stripe.delete("/v1/customers/cus_1")
    assert stripe.get("/v1/charges", {"customer": "cus_1"}).status == 200
    assert stripe.get("/v1/charges", {"customer": "cus_2"}).error["param"] == "customer"
