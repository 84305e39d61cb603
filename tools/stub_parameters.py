"""Write the types of parameters, and engine/stubs/parameters.pyi with their nested objects."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import cast

from stub_text import literal, quoted, union

from stripe_flows.engine.check.checker_stubs import class_of
from stripe_flows.engine.stripe.catalog import Catalog, Operation, Shape
from stripe_flows.engine.stripe.prefixes import ID_PARAMETERS
from stripe_flows.engine.types import JSONValue

SCALARS = {
    "string": "Text",
    "integer": "int",
    "timestamp": "Time",
    "number": "DecimalNumber",
    "decimal": "DecimalNumber",
    "boolean": "bool",
    "any": "Any",
}


class Parameters:
    """The types of parameters. A nested object gets its class when it is first needed."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._names: dict[str, str] = {}
        self._classes: dict[str, str] = {}

    def blocks(self) -> Iterator[str]:
        """Yield the needed classes in the order of their names."""
        for _, text in sorted(self._classes.items()):
            yield text

    def type_of(self, shape: Shape, operation: Operation, path: tuple[str, ...]) -> str:
        """Return the type of a parameter; `path` leads to it: `("items", "price_data")`."""
        shape = self._catalog.resolve(shape)
        if isinstance(shape, str):
            plain = path[-1] == "currency" or path[-1] in ID_PARAMETERS
            return "str" if shape == "string" and plain else SCALARS[shape]
        ((kind, inner),) = (
            (kind, inner)
            for kind, inner in cast("dict[str, JSONValue]", shape).items()
            if kind != "open"
        )
        match kind:
            case "unset":
                found = self.type_of(inner, operation, path)
                return found if found == "Text" else union([found, 'Literal[""]'])
            case "enum":
                # A computed string is accepted: only a run can show whether it is one of the values.
                values = cast("list[object]", inner)
                texts = all(isinstance(value, str) for value in values)
                return f"{literal(values)} | {'str' if texts else 'Any'}"
            case "any_of":
                shapes = cast("list[Shape]", inner)
                return union(self.type_of(one, operation, path) for one in shapes)
            case "list":
                return f"Sequence[{self.type_of(inner, operation, path)}]"
            case "map":
                return "Object"
        return f"{self._class(inner, operation, path)} | Object"

    def _class(self, table: Shape, operation: Operation, path: tuple[str, ...]) -> str:
        known = self._names.get(repr(table))
        if known is not None:
            return known
        name = self._free_name(operation, path)
        self._names[repr(table)] = name
        fields, required = self._catalog.object_fields(table)
        types = {
            field: self.type_of(shape, operation, (*path, field)) for field, shape in fields.items()
        }
        types = {
            field: f"Required[{one}]" if field in required else one for field, one in types.items()
        }
        if any(keyword.iskeyword(field) or not field.isidentifier() for field in types):
            members = "".join(f"        {quoted(field)}: {one},\n" for field, one in types.items())
            text = (
                f'{name} = TypedDict(\n    "{name}",\n    {{\n{members}    }},\n    total=False,\n)'
            )
        else:
            members = "".join(f"\n    {field}: {one}" for field, one in types.items())
            text = f"class {name}(TypedDict, total=False):{members or ' ...'}"
        self._classes[name] = text
        return name

    def _free_name(self, operation: Operation, path: tuple[str, ...]) -> str:
        name = class_of("_".join((operation.resource, *path))) + "Param"
        if name in self._classes or name in self._names.values():
            name = class_of("_".join((operation.verb, operation.resource, *path))) + "Param"
        number = 2
        while name in self._classes or name in self._names.values():
            name = re.sub(r"\d*$", "", name) + str(number)
            number += 1
        return name
