"""Every operation of the catalog is answered, with every field that Stripe's package documents."""

from __future__ import annotations

import importlib
import json
from typing import Any
from urllib.parse import parse_qsl

from stripe._object_classes import OBJECT_CLASSES

from stripe_flows.engine.stripe.catalog import Operation, stripe_catalog
from stripe_flows.engine.stripe.form import encode_form
from tests.unit.simulator.filled import Filler
from tests.unit.simulator.simulated import Answer, Simulated, simulated

OPERATIONS = list(stripe_catalog().operations.values())


def asked(stripe: Simulated, filler: Filler, operation: Operation) -> Answer:
    """Send an operation with what it requires, and with ids of objects that are there."""
    path = filler.path_of(operation)
    text = encode_form(json.loads(json.dumps(filler.required(operation))))
    send = {"GET": stripe.get, "POST": stripe.post, "DELETE": stripe.delete}[operation.method]
    return send(path, parse_qsl(text, keep_blank_values=True))


def missing_fields(found: dict[str, Any]) -> set[str]:
    module, name = OBJECT_CLASSES[found["object"]]
    known = getattr(importlib.import_module(module), name)
    renamed = getattr(known, "_field_remappings", {})
    documented = {renamed.get(n, n) for n in known.__annotations__ if not n.startswith("_")}
    return documented - {"OBJECT_NAME", "deleted"} - set(found)


NOT_ANSWERED = {"pdf_quote"}
"""It answers with a file, from another host."""


def test_every_operation_is_answered_with_every_field() -> None:
    wrong: dict[str, Any] = {}
    for operation in OPERATIONS:
        stripe = simulated()
        answer = asked(stripe, Filler(stripe_catalog(), stripe.simulation), operation)
        if answer.status != 200:
            wrong[operation.name] = answer.body["error"]["message"]
        elif answer.body["object"] in ("list", "search_result"):
            assert isinstance(answer.body["data"], list)
        elif "deleted" not in answer.body and (missing := missing_fields(answer.body)):
            wrong[operation.name] = missing
    assert wrong.keys() == NOT_ANSWERED, wrong
