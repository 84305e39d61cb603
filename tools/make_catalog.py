"""Generate engine/stripe/catalog.json from the typed parameters of the pinned `stripe` package.

    python tools/make_catalog.py           writes it
    python tools/make_catalog.py --check   exits 1 if the file is stale

Only facts are used: names, methods, paths, types, required parameters and the values of lists.
catalog_services.py and catalog_shapes.py read the package, catalog_names.py names the operations, and
catalog_exceptions.py adds what the types leave out. engine/stripe/catalog.py reads the file and
describes its form.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from catalog_exceptions import with_exceptions
from catalog_names import MANY, operation_name, resource_word, verb_word
from catalog_services import Endpoint, api_version, endpoints
from catalog_shapes import Shape
from generated import write_or_check

TARGET = Path(__file__).resolve().parent.parent / "engine" / "stripe" / "catalog.json"
COMMAND = "python tools/make_catalog.py"

CODES = {
    "string": "s",
    "integer": "i",
    "timestamp": "t",
    "number": "n",
    "decimal": "d",
    "boolean": "b",
    "any": "a",
}
SIGNS = {"unset": "?", "list": "[", "map": "{"}
ANY_OF = "|"
OPEN, CLOSED = "=", "!"


def operations(package: Path) -> dict[str, tuple[str, Mapping[str, Shape]]]:
    """Return every v1 operation: its facts in one string, and its parameters."""
    found: dict[str, tuple[str, Mapping[str, Shape]]] = {}
    for endpoint in endpoints(package):
        name, resource, verb = _names(endpoint)
        if name in found:
            raise ValueError(f"two operations are called {name}: see catalog_names.py")
        host = "" if endpoint.base == "api" else f"{endpoint.base}:"
        plain = "_" not in verb and name == f"{verb}_{resource}"
        facts = [] if plain else [resource, verb]
        facts += [endpoint.method, host + endpoint.path.removeprefix("/v1/")]
        if endpoint.answers != (f"{verb} {resource}" if verb in MANY else resource):
            facts.append(endpoint.answers)
        found[name] = (" ".join(facts), with_exceptions(name, endpoint.fields))
    return dict(sorted(found.items()))


def not_reached(package: Path) -> dict[str, str]:
    """Return the operations of API v2, which have another encoding: name → method and path."""
    return {_names(e)[0]: f"{e.method} {e.path}" for e in endpoints(package, "v2")}


def _names(endpoint: Endpoint) -> tuple[str, str, str]:
    resource = resource_word(endpoint.words)
    verb = verb_word(resource, endpoint.verb)
    name = operation_name(resource, verb, endpoint.method, endpoint.path)
    return name, resource, verb


def render(package: Path) -> str:
    """Return the text of the catalog. Each line is one entry, which can be read without the rest."""
    found = operations(package)
    shared = _Shared(fields for _, fields in found.values())
    rows = {name: [facts, shared.fields(fields)] for name, (facts, fields) in found.items()}
    version = importlib.metadata.version("stripe")
    return (
        f'{{"generated": "by `{COMMAND}` from stripe {version}; not to be edited",\n'
        f'"api_version": "{api_version(package)}",\n'
        f'"v2": {{\n\n{_lines(not_reached(package))}\n\n}},\n'
        '"shapes": [\n\n' + ",\n".join(shared.lines) + "\n\n],\n"
        f'"operations": {{\n\n{_lines(rows)}\n\n}}}}\n'
    )


def _lines(table: Mapping[str, object]) -> str:
    return ",\n".join(f"{_dumps(name)}: {_dumps(value)}" for name, value in table.items())


class _Shared:
    """Shapes that occur more than once are written once; a number stands for them elsewhere."""

    LEAST = 15
    """The fewest characters of a shape that gets a line of its own."""

    def __init__(self, roots: Iterable[Mapping[str, Shape]]) -> None:
        self._counts: Counter[str] = Counter()
        self._numbers: dict[str, str] = {}
        self.lines: list[str] = []
        for fields in roots:
            for shape in fields.values():
                self._count(shape)

    def _count(self, shape: Shape) -> None:
        text = _dumps(shape)
        self._counts[text] += 1
        if self._counts[text] == 1:
            for inner in _inner(shape):
                self._count(inner)

    def fields(self, fields: Mapping[str, Shape]) -> dict[str, object]:
        named: dict[str, list[str]] = {}
        others: dict[str, object] = {}
        for name, shape in fields.items():
            written = self.write(shape)
            if isinstance(written, str):
                named.setdefault(written, []).append(name)
            else:
                others[name] = written
        return {**{shape: " ".join(names) for shape, names in named.items()}, **others}

    def write(self, shape: Shape) -> object:
        """Return the shape in the notation of the file: see engine/stripe/shapes.py."""
        if isinstance(shape, str):
            return CODES[shape]
        text = _dumps(shape)
        if text in self._numbers:
            return self._numbers[text]
        written = self._written(shape)
        line = _dumps(written)
        if self._counts[text] < 2 or len(line) < self.LEAST:
            return written
        self.lines.append(line)
        self._numbers[text] = str(len(self.lines) - 1)
        return self._numbers[text]

    def _written(self, shape: Mapping[str, object]) -> object:
        if "enum" in shape:
            values = [str(value) for value in _list(shape["enum"])]
            assert not any(" " in value for value in values)
            return (OPEN if shape.get("open") else CLOSED) + " ".join(values)
        if "object" in shape:
            return self.fields(cast("dict[str, Shape]", shape["object"]))
        if "any_of" in shape:
            return {ANY_OF: [self.write(one) for one in cast("list[Shape]", shape["any_of"])]}
        ((kind, inner),) = shape.items()
        written = self.write(cast("Shape", inner))
        sign = SIGNS[kind]
        return f"{sign}{written}" if isinstance(written, str) else {sign: written}


def _inner(shape: Shape) -> Iterable[Shape]:
    if isinstance(shape, str):
        return ()
    ((_, inner),) = ((kind, value) for kind, value in shape.items() if kind != "open")
    if "enum" in shape:
        return ()
    if "any_of" in shape:
        return cast("list[Shape]", inner)
    return cast("dict[str, Shape]", inner).values() if "object" in shape else [cast("Shape", inner)]


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def package_folder() -> Path:
    spec = importlib.util.find_spec("stripe")
    if spec is None or spec.origin is None:
        raise SystemExit("the `stripe` package is not installed")
    return Path(spec.origin).parent


if __name__ == "__main__":
    sys.exit(write_or_check(TARGET, render(package_folder()), COMMAND, sys.argv[1:]))
