"""List the parameters of an operation for people and programs, from the catalog's shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from stripe_flows.engine.errors import InputError
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.stripe.catalog import Catalog, Operation, Shape
from stripe_flows.engine.types import JSONValue

_DEEPEST = 12
"""Levels of parameters in parameters: more than Stripe has."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation, or one field in it.

    `name` is its path: `shipping.address.city`, `line_items[].price`. `type` is written as people say
    it (`list of string`). `required`: Stripe demands it wherever its parent is sent. `values` are the
    known ones; if the list is `open`, others may be sent as well. `unsets`: an empty string unsets it.
    `parameters` are the fields in it.
    """

    name: str
    type: str
    required: bool
    values: tuple[JSONValue, ...] = ()
    open: bool = False
    unsets: bool = False
    parameters: tuple[Parameter, ...] = ()

    @property
    def count(self) -> int:
        """The number of fields in it, at all depths."""
        return sum(1 + one.count for one in self.parameters)


@dataclass(frozen=True)
class _Kind:
    """A shape in words: its type, its values, and the table of the fields in it."""

    words: str
    values: tuple[JSONValue, ...] = ()
    open: bool = False
    unsets: bool = False
    inner: str = ""
    table: Shape = None


def parameters_of(catalog: Catalog, operation: Operation) -> tuple[Parameter, ...]:
    """Return the operation's parameters, those first that it needs."""
    reader = _Reader(catalog)
    rows = [
        reader.parameter(name, shape, name in operation.required)
        for name, shape in operation.parameters.items()
    ]
    return tuple(sorted(rows, key=lambda row: not row.required))


def parameter_at(parameters: Sequence[Parameter], path: str) -> Parameter:
    """Return the parameter with that path; brackets of lists may be left out. Raises InputError."""
    found, among = None, list(parameters)
    for step in path.replace("[]", "").split("."):
        names = {one.name.replace("[]", "").rpartition(".")[2]: one for one in among}
        if step not in names:
            where = found.name if found else "it"
            raise InputError(f"{where} has no parameter {step!r}{nearest(step, names)}")
        found = names[step]
        among = list(found.parameters)
    assert found is not None
    return found


class _Reader:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def parameter(self, name: str, shape: Shape, required: bool, depth: int = 0) -> Parameter:
        """Return the parameter of that path, with the fields in it."""
        kind = self._kind(shape)
        fields: tuple[Parameter, ...] = ()
        if kind.table is not None and depth < _DEEPEST:
            table, needed = self._catalog.object_fields(kind.table)
            inner = (
                self.parameter(f"{name}{kind.inner}.{one}", found, one in needed, depth + 1)
                for one, found in table.items()
            )
            fields = tuple(sorted(inner, key=lambda row: not row.required))
        return Parameter(
            name=name,
            type=kind.words,
            required=required,
            values=kind.values,
            open=kind.open,
            unsets=kind.unsets,
            parameters=fields,
        )

    def _kind(self, shape: Shape) -> _Kind:
        shape = self._catalog.resolve(shape)
        if isinstance(shape, str):
            return _Kind("Unix time or datetime" if shape == "timestamp" else shape)
        assert isinstance(shape, dict)
        if "unset" in shape:
            kind = self._kind(shape["unset"])
            return _Kind(kind.words, kind.values, kind.open, True, kind.inner, kind.table)
        if "enum" in shape:
            values = tuple(one for one in cast("list[JSONValue]", shape["enum"]) if one != "")
            return _Kind("string", values, bool(shape.get("open")))
        if "list" in shape:
            kind = self._kind(shape["list"])
            words = f"list of {kind.words}"
            return _Kind(words, kind.values, kind.open, kind.unsets, f"[]{kind.inner}", kind.table)
        if "map" in shape:
            kind = self._kind(shape["map"])
            words = f"dict of {kind.words} by name"
            return _Kind(words, kind.values, kind.open, kind.unsets, f".*{kind.inner}", kind.table)
        if "any_of" in shape:
            return self._any_of(cast("list[Shape]", shape["any_of"]))
        return _Kind("dict", table=shape["object"])

    def _any_of(self, shapes: list[Shape]) -> _Kind:
        kinds = [self._kind(shape) for shape in shapes]
        # With tables that differ, the largest says most.
        tables = [kind for kind in kinds if kind.table is not None]
        largest = max(
            tables, key=lambda kind: len(cast("dict[str, Shape]", kind.table)), default=None
        )
        return _Kind(
            " or ".join(dict.fromkeys(kind.words for kind in kinds)),
            tuple(value for kind in kinds for value in kind.values),
            any(kind.open for kind in kinds),
            any(kind.unsets for kind in kinds),
            largest.inner if largest else "",
            largest.table if largest else None,
        )


def flat(parameters: Sequence[Parameter], most: int) -> Iterator[tuple[Parameter, bool]]:
    """Yield the parameters and what is in them, in their order, and whether one is left closed.

    One that has more than `most` in it is not opened.
    """
    for one in parameters:
        closed = one.count > most
        yield one, closed
        if not closed:
            yield from flat(one.parameters, most)
