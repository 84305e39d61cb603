"""Stripe's operations as data, read from the generated catalog.json.

Everything that is known of an operation follows from this file: builders, checks, paths. It is one
JSON document whose every line is an entry of its own (a blank line stands between its parts), so
the file is cut into lines once and only the lines that are asked for are ever parsed:

    "name": ["resource verb METHOD path answers", {parameters}]   an operation
    shape                                                         a shared shape, by its number

Resource and verb are left out where the name is `verb_resource`, with one word as verb. The path goes
on from `/v1/`; before it stands the host, if it is not Stripe's API itself. `answers` is left out
where it is the resource's own word. For shapes see shapes.py.

It has 212 KB (49 KB packed, as in a wheel); without the shared shapes it would be 700. That is what the
facts themselves come to: 65 KB names of parameters, 56 KB values of lists (four of them, such as the
time zones of reports, are 32), 52 KB names, paths and answers of operations. What is left are commas
and types. Numbers in place of names, or paths that are put together from parts, would save some more
and could not be read, by a person or in a diff; and size is not what a process pays for, since a line
that nobody asks for is cut off and never parsed. `python -m benchmarks.catalog` measures both.
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
"""Verbs that answer with many objects: they belong to the plural, `payment_intents()`."""

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One verb of one resource: `create_payment_intent`, `capture_payment_intent`.

    `path` begins with `/v1/` and holds its parameters in braces. `parameters` maps each name to its
    shape; `required` are those that Stripe demands. `host` is `api`, or the other host of Stripe's
    that takes it and that is not reached. `answers` names the object in a response
    (`checkout.session`), after `list ` or `search ` where it is a page of them; `a|b` is either.
    """

    name: str
    method: Method
    path: str
    resource: str
    verb: str
    parameters: Mapping[str, Shape]
    required: frozenset[str]
    host: str = "api"
    answers: str = ""

    @cached_property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(_PLACE.findall(self.path))

    @cached_property
    def builder(self) -> str:
        """The function that begins a call of it in a script: `new_payment_intent`."""
        return builder_verb(self.name, self.resource, self.verb)[0]

    @cached_property
    def called(self) -> str:
        """How a script calls it, for people: `new_payment_intent()`, `refund().cancel_async()`."""
        builder, verb = builder_verb(self.name, self.resource, self.verb)
        return f"{builder}()" if verb == "create" else f"{builder}().{verb}_async()"


def builder_verb(name: str, resource: str, verb: str) -> tuple[str, str]:
    """The builder's function for an operation, and its verb there: the rule, in one place.

    What is created begins with `new_`, what there are many of is in the plural, all else is asked
    of the resource itself: `new_refund()`, `refunds()`, `refund("re_1")`. What Stripe creates in
    another way has a builder of its own, since it takes other parameters: `new_invoice_preview()`.
    """
    if verb == "create" or verb.startswith("create_"):
        return f"new_{name.removeprefix('create_')}", "create"
    if verb in MANY:
        return name.removeprefix(f"{verb}_"), verb
    return resource, verb


class Builder(NamedTuple):
    """A function that begins a call in a script.

    `verbs` maps each verb to the names of its operations, by the number of ids in their path:
    `account("acct_1").retrieve_async()` is another operation than `account().retrieve_async()`.
    """

    name: str
    resource: str
    verbs: Mapping[str, Mapping[int, str]]

    @property
    def takes_ids(self) -> bool:
        return any(number for names in self.verbs.values() for number in names)


class _Line(NamedTuple):
    """An operation's line, its facts read and its parameters not yet."""

    resource: str
    verb: str
    method: str
    path: str
    answers: str
    parameters: str


class Catalog:
    """All operations of one version of Stripe's API. The file is read at the first look into it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shapes: dict[int, Shape] = {}

    @cached_property
    def _parts(self) -> list[str]:
        return self._path.read_text(encoding="utf-8").split("\n\n")

    @cached_property
    def api_version(self) -> str:
        """What is sent as `Stripe-Version`: the version whose parameters these are."""
        found = re.search(r'"api_version": "([^"]+)"', self._parts[0])
        assert found is not None
        return found[1]

    @cached_property
    def v2(self) -> Mapping[str, str]:
        """The operations of Stripe's API v2, which is not reached: name → method and path."""
        return MappingProxyType(cast("dict[str, str]", json.loads(f"{{{self._parts[1]}}}")))

    @cached_property
    def _shape_lines(self) -> list[str]:
        return self._parts[3].split("\n")

    @cached_property
    def lines(self) -> Mapping[str, _Line]:
        """The operations' facts by name, without their parameters: cheap for all of them."""
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
        """Operations by name. Each is read when it is first asked for."""
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
        """The parameters that a builder's verbs take, all together, in their order."""
        names: dict[str, None] = {}
        for by_number in self.builders[builder].verbs.values():
            for name in by_number.values():
                names.update(dict.fromkeys(self.operations[name].parameters))
        return names

    def resolve(self, shape: Shape) -> Shape:
        """The shape itself, where a number stands for it."""
        while isinstance(shape, int):
            known = self._shapes.get(shape)
            if known is None:
                written: JSONValue = json.loads(self._shape_lines[shape].removesuffix(","))
                known = self._shapes[shape] = read_shape(written)
            shape = known
        return shape

    def object_fields(self, shape: Shape) -> tuple[Mapping[str, Shape], frozenset[str]]:
        """The fields of an `object` shape's table and the names of those that are required."""
        return split_required(cast("dict[str, Shape]", shape))


class _Operations(Mapping[str, Operation]):
    """Operations by name, each made from its line when it is first asked for."""

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
    # What is left of the line: a comma, the parameters, the bracket that ends the row.
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
    """The catalog that is part of this package."""
    return Catalog(Path(__file__).with_name("catalog.json"))
