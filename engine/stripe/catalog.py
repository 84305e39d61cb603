"""Stripe's operations as data, read from the generated catalog.json.

Builders, checks and paths all follow from this file. It is one JSON document in which each line is
an entry of its own and blank lines separate the parts. So the file is cut into lines once, and only
the lines that are needed are ever parsed:

    "name": ["resource verb METHOD path answers", {parameters}]   an operation
    shape                                                         a shared shape, by its number

Resource and verb are left out if the name is `verb_resource` with one word as verb. The path is
relative to `/v1/`, with the host before it if that is not Stripe's API itself. `answers` is left out
if it is the resource. For shapes see shapes.py.

It has 212 KB (49 KB packed, as in a wheel); without the shared shapes it would have 700. Names of
parameters are 65 KB of it, values of lists 56 KB, and names, paths and answers of operations 52 KB.
Numbers instead of names, or paths made of parts, would save a little more, but nobody could read the
file or a diff of it. Its size costs a process little, since most lines are never parsed:
`python -m benchmarks.catalog` measures both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias, cast

from stripe_flows.engine.types import JSONValue

from .shapes import Shape, read_fields, read_shape, split_required

__all__ = ["Builder", "Catalog", "Method", "Operation", "Shape", "stripe_catalog"]

Method: TypeAlias = Literal["GET", "POST", "DELETE"]

METHODS = ("GET ", "POST ", "DELETE ")

MANY = ("list", "search")
"""Verbs that answer with many objects; their builder is in the plural: `payment_intents()`."""

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One verb of one resource: `create_payment_intent`, `capture_payment_intent`."""

    name: str
    method: Method
    path: str
    """Begins with `/v1/`, with its parameters in braces."""
    resource: str
    verb: str
    parameters: Mapping[str, Shape]
    """The shape of each parameter by its name."""
    required: frozenset[str]
    """The parameters that Stripe requires."""
    host: str = "api"
    """`api`, or the name of another host of Stripe's, which stripe-flows does not call."""
    answers: str = ""
    """The object in a response (`checkout.session`), after `list ` or `search ` if it is a page of
    them; `a|b` is either."""

    @cached_property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(_PLACE.findall(self.path))

    @cached_property
    def builder(self) -> str:
        """The function that begins this call in a script: `new_payment_intent`."""
        return builder_verb(self.name, self.resource, self.verb)[0]

    @cached_property
    def called(self) -> str:
        """The call in a script, for people: `new_payment_intent()`, `refund().cancel_async()`."""
        builder, verb = builder_verb(self.name, self.resource, self.verb)
        return f"{builder}()" if verb == "create" else f"{builder}().{verb}_async()"


def builder_verb(name: str, resource: str, verb: str) -> tuple[str, str]:
    """Return the name of an operation's builder, and its verb there.

    A builder that creates begins with `new_`, one that lists is in the plural, and all others have
    the name of the resource: `new_refund()`, `refunds()`, `refund("re_1")`. A second way to create an
    object has a builder of its own, since it takes other parameters: `new_invoice_preview()`.
    """
    if verb == "create" or verb.startswith("create_"):
        return f"new_{name.removeprefix('create_')}", "create"
    if verb in MANY:
        return name.removeprefix(f"{verb}_"), verb
    return resource, verb


class Builder(NamedTuple):
    """A function that begins a call in a script."""

    name: str
    resource: str
    verbs: Mapping[str, Mapping[int, str]]
    """The operations of each verb by the number of ids in their path:
    `account("acct_1").retrieve_async()` is another operation than `account().retrieve_async()`."""

    @property
    def takes_ids(self) -> bool:
        return any(number for names in self.verbs.values() for number in names)


class _Line(NamedTuple):
    """An operation's line, with its parameters not parsed yet."""

    resource: str
    verb: str
    method: str
    path: str
    answers: str
    parameters: str


class Catalog:
    """All operations of one version of Stripe's API. The file is read when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shapes: dict[int, Shape] = {}

    @cached_property
    def _parts(self) -> list[str]:
        return self._path.read_text(encoding="utf-8").split("\n\n")

    @cached_property
    def api_version(self) -> str:
        """The version of Stripe's API that has these parameters; it is sent as `Stripe-Version`."""
        found = re.search(r'"api_version": "([^"]+)"', self._parts[0])
        assert found is not None
        return found[1]

    @cached_property
    def v2(self) -> Mapping[str, str]:
        """The operations of API v2, which stripe-flows does not call: name → method and path."""
        return MappingProxyType(cast("dict[str, str]", json.loads(f"{{{self._parts[1]}}}")))

    @cached_property
    def _shape_lines(self) -> list[str]:
        return self._parts[3].split("\n")

    @cached_property
    def lines(self) -> Mapping[str, _Line]:
        """All operations by name, without their parameters: cheap to read."""
        found: dict[str, _Line] = {}
        for line in self._parts[5].split("\n"):
            _, name, _, facts, parameters = line.split('"', 4)
            if facts.startswith(METHODS):
                verb, _, resource = name.partition("_")
            else:
                resource, verb, facts = facts.split(" ", 2)
            method, path, *answers = facts.split(" ", 2)
            answer = answers[0] if answers else f"{verb} {resource}" if verb in MANY else resource
            found[name] = _Line(resource, verb, method, path, answer, parameters)
        return found

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """All operations by name. Each is read when it is first needed."""
        return _Operations(self.lines)

    @cached_property
    def builders(self) -> Mapping[str, Builder]:
        """The functions that begin a call in a script, by name."""
        verbs: dict[str, dict[str, dict[int, str]]] = {}
        resources: dict[str, str] = {}
        for name, line in self.lines.items():
            builder, verb = builder_verb(name, line.resource, line.verb)
            by_number = verbs.setdefault(builder, {}).setdefault(verb, {})
            assert by_number.setdefault(line.path.count("{"), name) == name, name
            resources[builder] = line.resource
        return MappingProxyType(
            {name: Builder(name, resources[name], found) for name, found in verbs.items()}
        )

    def parameters_of(self, builder: str) -> dict[str, None]:
        """Return the parameters of all verbs of a builder, in their order."""
        names: dict[str, None] = {}
        for by_number in self.builders[builder].verbs.values():
            for name in by_number.values():
                names.update(dict.fromkeys(self.operations[name].parameters))
        return names

    def resolve(self, shape: Shape) -> Shape:
        """Return the shape that a number stands for; another shape as it is."""
        while isinstance(shape, int):
            known = self._shapes.get(shape)
            if known is None:
                written: JSONValue = json.loads(self._shape_lines[shape].removesuffix(","))
                known = self._shapes[shape] = read_shape(written)
            shape = known
        return shape

    def object_fields(self, shape: Shape) -> tuple[Mapping[str, Shape], frozenset[str]]:
        """Return the fields of an `object` shape, and the names of the required ones."""
        return split_required(cast("dict[str, Shape]", shape))


class _Operations(Mapping[str, Operation]):
    """Operations by name, each made from its line when it is first needed."""

    def __init__(self, lines: Mapping[str, _Line]) -> None:
        self._lines = lines
        self._made: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = _operation(name, self._lines[name])
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _operation(name: str, line: _Line) -> Operation:
    # The rest of the line: a comma, the parameters, the bracket that ends the row.
    written = json.loads(line.parameters[1:].removesuffix(",").removesuffix("]"))
    parameters, required = split_required(read_fields(written))
    host, _, path = line.path.rpartition(":")
    return Operation(
        name=name,
        method=cast("Method", line.method),
        path=f"/v1/{path}",
        resource=line.resource,
        verb=line.verb,
        parameters=parameters,
        required=required,
        host=host or "api",
        answers=line.answers,
    )


@cache
def stripe_catalog() -> Catalog:
    """Return the catalog that is part of this package."""
    return Catalog(Path(__file__).with_name("catalog.json"))
