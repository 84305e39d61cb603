"""Write engine/stubs/builders.pyi: builders with their setters and verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stub_parameters import Parameters
from stub_text import union

from stripe_flows.engine.check.checker_stubs import class_of
from stripe_flows.engine.continuation import flow_for
from stripe_flows.engine.sandbox.builders import CREATE, setters
from stripe_flows.engine.stripe.catalog import Builder, Catalog, Operation

_OPTIONS = (
    "self, worker_id: str | None = None, context_id: str | None = None, "
    "stripe_secret: StripeSecret | str | None = None, *, params: Mapping[str, Any] | None = None, "
    "then: str | None = None, on_error: str | None = None, "
    "idempotency_key: str | None = None, stripe_account: str | None = None"
)


def builder_blocks(catalog: Catalog, parameters: Parameters) -> Iterator[str]:
    """Yield a class and a function for each builder, in the order of their names."""
    for name in sorted(catalog.builders):
        builder = catalog.builders[name]
        operations = _operations(catalog, builder)
        if any(operation.host == "api" for operation in operations):
            yield "\n".join(_class(catalog, builder, parameters))
            yield _function(builder, operations)


def builder_class(builder: str) -> str:
    """Return the name of the class that a builder's function returns."""
    return f"{class_of(builder)}Call"


def _operations(catalog: Catalog, builder: Builder) -> list[Operation]:
    return [
        catalog.operations[name]
        for by_number in builder.verbs.values()
        for name in by_number.values()
    ]


def _class(catalog: Catalog, builder: Builder, parameters: Parameters) -> Iterator[str]:
    yield f"class {builder_class(builder.name)}:"
    operations = _operations(catalog, builder)
    for method, name in setters(catalog, builder.name).items():
        taken = [one for one in operations if name in one.parameters]
        types = union(parameters.type_of(one.parameters[name], one, (name,)) for one in taken)
        # By the module's name: a direct import would put the class into the scope of flows.
        types = re.sub(r"\b(?=\w+Param\d*\b)", "p.", types)
        yield f"    def {method}(self, value: {types} | None) -> Self: ..."
    yield "    def unchecked(self, name: str, value: Any) -> Self: ..."
    for verb, by_number in builder.verbs.items():
        found = [catalog.operations[name] for name in by_number.values()]
        if any(operation.host != "api" for operation in found):
            continue
        yield f"    def {verb}_async({_OPTIONS}) -> str:"
        yield f'        """{_description(found)}"""'
        if verb == CREATE:
            yield "    create = create_async"


def _description(operations: list[Operation]) -> str:
    """Describe the request, its required parameters and the flow that continues it."""
    sentences = []
    for operation in operations:
        needs = ", ".join(name for name in operation.parameters if name in operation.required)
        sentences.append(
            f"{operation.method} {operation.path}"
            + (f", requires {needs}" if needs else "")
            + f"; {flow_for(operation.name, 'response')}."
        )
    return " ".join(sentences)


def _function(builder: Builder, operations: list[Operation]) -> str:
    numbers = sorted({len(operation.path_parameters) for operation in operations})
    longest = max(operations, key=lambda operation: len(operation.path_parameters))
    ids = list(longest.path_parameters)
    if ids and not builder.name.startswith("new_") and longest.verb not in ("list", "search"):
        ids[-1] = "id"
    given = [f"{name}: str{' = ...' if at >= numbers[0] else ''}" for at, name in enumerate(ids)]
    listed = ", ".join([*given, "/"] if given else [])
    return f"def {builder.name}({listed}) -> {builder_class(builder.name)}: ..."
