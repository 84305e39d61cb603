"""The checks and the encoding, held against the types and the encoder of Stripe's own package.

The calls are drawn along the package's TypedDicts, for every operation, the same in each run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import pytest

from stripe_flows.engine.errors import ScriptError
from stripe_flows.engine.stripe.catalog import Operation, stripe_catalog
from stripe_flows.engine.stripe.check import mistakes
from stripe_flows.engine.stripe.form import encode_form
from tests.typed.breaking import broken
from tests.typed.decoding import decoded, meant
from tests.typed.endpoints import Endpoint, endpoint_of, reached
from tests.typed.values import Values, as_recorded
from tests.unit.engine.conftest import Run
from tests.unit.engine.filled import script_of

pytestmark = pytest.mark.sweep

SHARES = (0.0, 0.1, 0.4, 1.0)

UNKNOWN_VALUE = "is not one of the known values"
"""A doubt about a good call: a text in an open list that is close to one of its values, or that is
none of a few."""

ID_OF_ANOTHER = "as the id of a"
"""Another: the values are made without regard to what their ids are of."""


def calls(seed: int) -> Iterator[tuple[Operation, Endpoint, dict[str, Any]]]:
    """Good calls of every operation, from what is required to all that can be given."""
    chance = Random(seed)
    for operation in reached():
        endpoint = endpoint_of(operation)
        for share in SHARES:
            values = Values(chance, share=share, depth=3 if share == 1 else 6)
            yield operation, endpoint, values.params(endpoint.params)


def said(operation: Operation, params: dict[str, Any]) -> list[str]:
    found = mistakes(stripe_catalog(), operation, as_recorded(params))
    return [one.text for one in found if UNKNOWN_VALUE not in one.text]


def test_the_package_has_a_method_for_every_operation_with_as_many_ids() -> None:
    for operation in reached():
        assert endpoint_of(operation).ids == len(operation.path_parameters), operation.name


def test_nothing_is_said_about_a_good_call() -> None:
    found = [text for one, _, params in calls(1) for text in said(one, params)]
    assert found == []


def test_what_is_broken_on_purpose_is_told_at_its_place() -> None:
    chance = Random(2)
    kinds: dict[str, int] = {}
    for operation, endpoint, params in calls(2):
        for one in broken(endpoint.params, params, chance) if endpoint.params else ():
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
            texts = [
                m.text
                for m in mistakes(stripe_catalog(), operation, as_recorded(one.params))
                if not m.doubt
            ]
            begin = operation.called if not one.path else f"{operation.called}: {one.path}"
            end = {"unknown": f" has no parameter {one.name!r}", "missing": f" needs {one.name!r}"}
            expected = begin + end.get(one.kind, " ")
            assert [t for t in texts if t.startswith(expected)], (one, texts)
            assert len(texts) == 1, (one, texts)
    assert min(kinds.values()) > 100, kinds
    assert len(kinds) == 5, kinds


def test_bodies_are_those_of_the_package_and_decode_to_what_was_meant() -> None:
    for operation, endpoint, params in calls(3):
        ours = encode_form(as_recorded(params))
        theirs = endpoint.send(["id"] * endpoint.ids, params)
        assert parse_qsl(ours, keep_blank_values=True, strict_parsing=bool(ours)) == parse_qsl(
            theirs.form, keep_blank_values=True
        ), operation.name
        assert decoded(ours) == meant(params), operation.name


@pytest.mark.parametrize("seed", range(4))
def test_a_script_sends_what_the_package_would_send(run: Run, seed: int) -> None:
    for operation, endpoint, params in Random(seed).sample(list(calls(seed)), 60):
        ids = [f"id/{n}+ü?" for n in range(endpoint.ids)]
        done = run("from decimal import Decimal\n" + script_of(operation, params, ids=ids))
        (call,) = done.calls
        _, *warnings = done.output.splitlines()
        doubts = (UNKNOWN_VALUE, ID_OF_ANOTHER)
        assert [text for text in warnings if not any(one in text for one in doubts)] == []
        theirs = endpoint.send(ids, params)
        assert (call.method, call.path) == (theirs.method, theirs.path)
        assert parse_qsl(call.body) == parse_qsl(theirs.form), operation.name
        assert decoded(call.body) == meant(params), operation.name


@pytest.mark.parametrize("seed", range(4))
def test_a_broken_script_is_refused_at_the_line_of_its_mistake(run: Run, seed: int) -> None:
    chance = Random(seed)
    for operation, endpoint, params in chance.sample(list(calls(seed)), 25):
        for one in broken(endpoint.params, params, chance) if endpoint.params else ():
            ids = [f"id{n}" for n in range(endpoint.ids)]
            names = list(one.params)
            # A setter is on the line of its parameter, the verb on the one behind the last of them.
            name = re.split(r"[.\[]", one.path)[0] or one.name
            line = names.index(name) if name in names else len(names)
            with pytest.raises(ScriptError) as caught:
                run("from decimal import Decimal\n" + script_of(operation, one.params, ids=ids))
            assert str(caught.value).startswith(f"flows/main.py:{line + 4}: "), (one, caught.value)
            assert (one.path or one.name) in str(caught.value)
