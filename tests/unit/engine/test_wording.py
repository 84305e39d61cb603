"""What is said of a name that is not there, over the whole surface."""

from __future__ import annotations

import pytest

from stripe_flows.engine.diagnose.wording import no_ids, no_method, no_name, one_value
from stripe_flows.engine.sandbox.builders import own_methods, setters, written
from stripe_flows.engine.stripe.catalog import stripe_catalog


def test_a_verb_without_its_ending_points_to_itself_unless_a_setter_has_its_name() -> None:
    catalog = stripe_catalog()
    pointed = 0
    for builder in catalog.builders.values():
        taken = {*setters(catalog, builder.name), *own_methods(builder)}
        for verb in builder.verbs.keys() - taken:
            assert no_method(catalog, builder, verb) == (
                f"{builder.name}() has no {verb}(); did you mean '{verb}_async'?"
            )
            pointed += 1
    assert pointed > 400


def test_an_operation_of_another_builder_of_the_resource_is_pointed_to() -> None:
    catalog = stripe_catalog()
    for operation in catalog.operations.values():
        one = catalog.builders.get(operation.resource)
        if one is None or operation.builder == one.name or "create_" in operation.verb:
            continue
        if operation.verb not in one.verbs:
            said = no_method(catalog, one, f"{operation.verb}_async")
            assert said.startswith(f"{one.name}() has no {operation.verb}_async(); did you mean ")
            assert f".{operation.verb}_async()?" in said


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("customer", "tax_ids"),
        ("account", "persons"),
        ("invoice", "payments"),
        ("transfer", "reversals"),
        ("checkout_session", "line_items"),
    ],
)
def test_what_belongs_to_a_resource_is_pointed_to_by_its_own_name(whole: str, part: str) -> None:
    catalog = stripe_catalog()
    builder, found = catalog.builders[whole], catalog.builders[f"{whole}_{part}"]
    call = written(catalog.operations[next(iter(found.verbs["list"].values()))])
    assert call.partition("(")[0] in no_method(catalog, builder, f"list_{part}_async")
    assert call.partition("(")[0] in (
        one_value(catalog, builder, part, 0)
        if part in setters(catalog, whole)
        else no_method(catalog, builder, part)
    )


@pytest.mark.parametrize(
    "name", ["", "_", "x", "A", "new_", "list_", "create_", "Ü", "new__", "a" * 500]
)
def test_any_name_has_its_line(name: str) -> None:
    catalog = stripe_catalog()
    for builder in list(catalog.builders.values())[::9]:
        assert no_method(catalog, builder, name).startswith(f"{builder.name}() has no ")
        assert no_ids(catalog, builder).startswith(f"{builder.name}() takes nothing")
    assert name in no_name(catalog, name, None, ())
