"""What the type checker says → what we say: only what is worth saying, in the words of flows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from stripe_flows.engine.check.finding import Place
from stripe_flows.engine.check.stubs import BOUND, fields_of
from stripe_flows.engine.errors import nearest

ELSEWHERE = frozenset({"unresolved-reference", "unresolved-import", "invalid-syntax"})
"""Rules of which other parts of the check tell more: names, imports, syntax."""

CERTAIN = frozenset(
    {
        "call-non-callable",
        "invalid-argument-type",
        "missing-argument",
        "not-iterable",
        "not-subscriptable",
        "too-many-positional-arguments",
        "unknown-argument",
        "unresolved-attribute",
        "unsupported-operator",
    }
)
"""Rules whose breach a run would end with; a breach of the others is only odd."""

_ATTRIBUTE = re.compile(
    r"(?:Attribute `(?P<name>\w+)` is not defined on|Object of type) `(?P<kind>[^`]+)`"
    r"(?:$| has no attribute `(?P<named>\w+)`| in union )"
)
_ARGUMENT = re.compile(
    r"Argument to bound method `(?P<kind>\w+)\.(?P<name>\w+)` is incorrect: "
    r"Expected `(?P<wanted>.+)`, found `(?P<given>.+)`$"
)
_FUNCTION = re.compile(r"(function|method) `(?:\w+\.)?(\w+)`")
_FOUND = re.compile(r"(?:found|of type|on|in union) `([^`]+(?:` and `[^`]+)?)`")
_BUILDER = re.compile(rf"(?m)^def (?:{BOUND})?(\w+)\(.*\) -> (\w+Call): \.\.\.$")


@dataclass(frozen=True)
class Typed:
    """What the type check says of a place, about what name; `certain`: a run would fail there."""

    place: Place
    name: str
    message: str
    certain: bool


class Diagnostics:
    """Reads the checker's diagnostics of texts that are checked against `stubs`."""

    def __init__(self, stubs: str) -> None:
        self._stubs = stubs
        self._builders = {kind: name for name, kind in _BUILDER.findall(stubs)}

    def typed(self, said: dict[str, Any], before: int) -> Typed | None:
        """One diagnostic, or None if it is not ours to tell. `before`: lines in front of the flow."""
        message: str = said["message"].replace(BOUND, "")
        if said["severity"] != "error" or said["code"] in ELSEWHERE:
            return None
        what, name = next(iter(_FUNCTION.findall(message)), ("", ""))
        if what == "function" and name in self._builders.values():
            return None  # the number of ids, of which the check of the call tells more
        place = Place(said["location"]["row"] - before, said["location"]["column"])
        certain = said["code"] in CERTAIN and not _depends(message)
        if found := _ATTRIBUTE.match(message):
            name = found["name"] or found["named"]
            message = self._no_attribute(found["kind"], name)
            end = said["end_location"]
            place = Place(end["row"] - before, end["column"] - len(name))
        elif (found := _ARGUMENT.match(message)) and found["kind"] in self._builders:
            builder = self._builders[found["kind"]]
            message = f"{builder}(): {name} takes {found['wanted']}, not {found['given']}"
        return Typed(place, name, message.replace("`", "'"), certain)

    def _no_attribute(self, kind: str, name: str) -> str:
        if kind.startswith("dict["):
            return f"a dict has no attribute {name!r}: its values are reached by [{name!r}]"
        fields = fields_of(kind.partition("[")[0], self._stubs)
        kind = kind.removeprefix("_")
        if not fields:
            return f"{kind} has no attribute {name!r}"
        for field, inner in fields.items():
            if name in fields_of(inner, self._stubs):
                return f"{kind} has no field {name!r}; did you mean '{field}.{name}'?"
        return f"{kind} has no field {name!r}{nearest(name, fields)}"


def _depends(message: str) -> bool:
    """Whether it is only so for one of several types that a value may have."""
    found = [types for types in _FOUND.findall(message) if not types.endswith("| Any")]
    return any(" | " in types for types in found)
