"""What the type checker says → what we say: only what is worth saying, in the words of flows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.stripe.currencies import integer_advice, is_money, smallest_unit

from .finding import Place
from .stubs import BOUND, fields_of

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
"""Rules whose breach a run ends with. The others are about annotations, or are told elsewhere."""

_ATTRIBUTE = re.compile(
    r"(?:Attribute `(?P<name>\w+)` is not defined on|Object of type) `(?P<kind>[^`]+)`"
    r"(?:$| has no attribute `(?P<named>\w+)`| in union `(?P<union>[^`]+)`)"
)
_ARGUMENT = re.compile(
    r"Argument to bound method `(?P<kind>\w+)\.(?P<name>\w+)` is incorrect: "
    r"Expected `(?P<wanted>.+)`, found `(?P<given>.+)`$"
)
_FUNCTION = re.compile(r"(function|method) `(?:\w+\.)?(\w+)`")
_TYPES = re.compile(r"of type `([^`]+)`(?: and `([^`]+)`)?")
_SINGLE = re.compile(r"(?:str|int|float|bool|Literal\[[^|]*\])$")
_NOT_WHOLE: dict[str, Literal["float", "string"]] = {"float": "float", "Decimal": "string"}
_BRACKETS = re.compile(r"\[.*\]")
_VAGUE = {"Any", "Never", "None", "Unknown", "object"}
_NO_BRACKETS = re.compile(r"Function `(\w+)` has no attribute ")
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
        self._builders = {kind: name for name, kind in _BUILDER.findall(stubs)}

    def typed(self, said: dict[str, Any], before: int) -> Typed | None:
        """One diagnostic, or None if it is not ours to tell. `before`: lines in front of the flow.

        A value that may be of several types, or of a type that was only guessed, as that of a dict
        which is filled step by step, is not told of: what is right is never called wrong.
        """
        message: str = said["message"].replace(BOUND, "")
        if said["severity"] != "error" or said["code"] not in CERTAIN:
            return None
        if (found := _NO_BRACKETS.match(message)) and found[1] in self._builders.values():
            return None  # told by name elsewhere
        place = Place(said["location"]["row"] - before, said["location"]["column"])
        if found := _ATTRIBUTE.match(message):
            name = found["name"] or found["named"] or ""
            if name:
                end = said["end_location"]
                place = Place(end["row"] - before, end["column"] - len(name))
                return self._attribute(place, name, found["kind"], found["union"])
        if said["code"] == "unresolved-attribute":
            return None  # an object may be given what its class does not name
        if said["code"] == "invalid-argument-type":
            return self._argument(place, message)
        what, name = next(iter(_FUNCTION.findall(message)), ("", ""))
        if what == "function" and name in self._builders.values():
            return None  # the number of ids, of which the check of the call tells more
        if any(_is_vague(kind) for kinds in _TYPES.findall(message) for kind in kinds):
            return None
        return Typed(place, name, message.replace("`", "'"), True)

    def _attribute(self, place: Place, name: str, kind: str, union: str | None) -> Typed | None:
        others = (union or "").replace(f"{kind} | ", "").replace(f" | {kind}", "")
        sure = others in ("", kind, "Any")
        ours = bool(fields_of(kind.partition("[")[0]))
        if _is_vague(kind) or not (sure or ours):
            return None
        return Typed(place, name, self._no_attribute(kind, name), sure)

    def _argument(self, place: Place, message: str) -> Typed | None:
        found = _ARGUMENT.match(message)
        if found is None or found["kind"] not in self._builders or _is_vague(found["given"]):
            return None
        compound = "Mapping" in found["wanted"] or "Sequence" in found["wanted"]
        if compound and (not _SINGLE.match(found["given"]) or found["name"].endswith("_async")):
            # What the checker makes of a dict that is filled step by step is only a guess.
            return None
        builder = self._builders[found["kind"]]
        given = found["given"].removesuffix("*")  # the checker's mark of a type that it inferred
        text = f"{builder}(): {found['name']} takes {found['wanted']}, not {given}"
        if given in _NOT_WHOLE and is_money(found["name"]):
            text += f"; it is in {smallest_unit(None)}: {integer_advice(None, _NOT_WHOLE[given])}"
        return Typed(place, found["name"], text, True)

    def _no_attribute(self, kind: str, name: str) -> str:
        if kind.startswith("dict["):
            return f"a dict has no attribute {name!r}: its values are reached by [{name!r}]"
        fields = fields_of(kind.partition("[")[0])
        kind = kind.removeprefix("_")
        if not fields:
            return f"{kind} has no attribute {name!r}"
        for field, inner in fields.items():
            if name in fields_of(inner):
                return f"{kind} has no field {name!r}; did you mean '{field}.{name}'?"
        return f"{kind} has no field {name!r}{nearest(name, fields)}"


def _is_vague(kind: str) -> bool:
    """Whether a value of that type may well be something else."""
    return kind in _VAGUE or " | " in _BRACKETS.sub("", kind)
