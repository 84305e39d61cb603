"""The type check of flows: the sandbox's own checker (ty), against the stubs that editors use.

A checked text is not run: the sandbox checks the whole of it before it runs the first line, and that
line ends it. The stubs cost most of a check, so all flows share one session with one text of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import pydantic_monty

from stripe_flows.engine.diagnose import monty_messages as monty
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.stripe.currencies import integer_advice, is_money, smallest_unit

from .checker_stubs import BOUND, fields_of
from .finding import TOP, Place

_STOP = f"{BOUND}checked"
_ANY = f"{BOUND}any"
_DATA = f"{BOUND}data"
_OWN = f"\n{_STOP}: bool\ndef {_ANY}() -> Any: ...\n"

SECONDS = 10.0
"""Limit for one text, which is then given up. A thousand lines take some milliseconds."""


class TypeCheck:
    """Checks one text after the other against the same stubs. Use it in a `with`."""

    def __init__(self, stubs: str, seconds: float = SECONDS) -> None:
        self._stubs = stubs + _OWN
        self._diagnostics = Diagnostics(stubs)
        self._pool = pydantic_monty.Monty(
            max_processes=1, checkout_timeout=seconds, request_timeout=seconds
        )
        self._session: pydantic_monty.MontySession | None = None

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            self._session.__exit__(None, None, None)
        self._pool.__exit__(kind, error, traceback)

    def findings(self, source: str, answer: str | None, bound: Iterable[str]) -> Iterator[Typed]:
        """Yield the mistakes in the types of a text that can be read.

        `answer` is the type of its `parsed_data`, if it is known. `bound` are those names of the
        stubs that it uses and that the stubs hold under another name: see stubs.py.
        """
        names = {name: f"{BOUND}{name}" for name in bound} | {"parsed_data": _DATA}
        before = f"if {_STOP}: raise StopIteration\n{_DATA}: {answer or 'Any'} = {_ANY}()\n"
        before += "".join(f"{name} = {value}\n" for name, value in names.items())
        found = self._said(before + source)
        if found is None:
            yield Typed(
                TOP, "", "its types were not checked: the type checker gave up on it", False
            )
        for said in found or ():
            typed = self._diagnostics.typed(said, before.count("\n"))
            if typed is not None:
                yield typed

    def _said(self, text: str) -> list[dict[str, Any]] | None:
        """Return the checker's diagnostics; None if it gave up."""
        try:
            if self._session is None:
                self._session = self._pool.checkout(
                    type_check=True,
                    type_check_stubs=self._stubs,
                    type_check_format="jsonlines",
                )
                self._session.__enter__()
            self._session.feed_run(text, inputs={_STOP: True})
        except pydantic_monty.MontyTypingError as error:
            return [json.loads(line) for line in error.display().splitlines()]
        except pydantic_monty.MontyCrashedError:
            # The checker gave up on this text; the others get another process.
            self._session = None
            return None
        except pydantic_monty.MontyError:
            pass  # the line that ends it: nothing is wrong
        return []


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
"""Rules whose breach ends a run. The others are about annotations, or about names (see names.py)."""

_NOT_WHOLE: dict[str, Literal["float", "string"]] = {"float": "float", "Decimal": "string"}
_VAGUE = {"Any", "Never", "None", "Unknown", "object"}
_BUILDER = re.compile(rf"(?m)^def (?:{BOUND})?(\w+)\(.*\) -> (\w+Call): \.\.\.$")


@dataclass(frozen=True)
class Typed:
    """A mistake at a place, about a name. `certain`: a run would fail there.

    `of_builder`: it is about the function of a builder, not about what it returns.
    """

    place: Place
    name: str
    message: str
    certain: bool
    of_builder: bool = False


class Diagnostics:
    """Words the checker's diagnostics of texts that are checked against `stubs`."""

    def __init__(self, stubs: str) -> None:
        self._builders = {kind: name for name, kind in _BUILDER.findall(stubs)}

    def typed(self, said: dict[str, Any], before: int) -> Typed | None:
        """Return one diagnostic in our words, or None. `before`: lines in front of the flow.

        A value that may be of several types, or whose type was only guessed (such as a dict that is
        filled step by step), gives None: nothing right is ever reported as wrong.
        """
        message: str = said["message"].replace(BOUND, "")
        if said["severity"] != "error" or said["code"] not in CERTAIN:
            return None
        place = Place(said["location"]["row"] - before, said["location"]["column"])
        if (found := monty.FUNCTION_ATTRIBUTE.match(message)) and self._is_function(found[1]):
            return Typed(place, found[1], message.replace("`", "'"), True, of_builder=True)
        if found := monty.TYPE_ATTRIBUTE.match(message):
            name = found["name"] or found["named"] or ""
            if name:
                end = said["end_location"]
                place = Place(end["row"] - before, end["column"] - len(name))
                return self._attribute(place, name, found["kind"], found["union"])
        if said["code"] == "unresolved-attribute":
            return None  # an object may be given what its class does not name
        if said["code"] == "invalid-argument-type":
            return self._argument(place, message)
        what, name = next(iter(monty.FUNCTION_NAMED.findall(message)), ("", ""))
        if what == "function" and self._is_function(name):
            return Typed(place, name, message.replace("`", "'"), True, of_builder=True)
        if any(_is_vague(kind) for kinds in monty.TYPES_NAMED.findall(message) for kind in kinds):
            return None
        return Typed(place, name, message.replace("`", "'"), True)

    def _is_function(self, name: str) -> bool:
        return name in self._builders.values()

    def _attribute(self, place: Place, name: str, kind: str, union: str | None) -> Typed | None:
        others = (union or "").replace(f"{kind} | ", "").replace(f" | {kind}", "")
        sure = others in ("", kind, "Any")
        ours = bool(fields_of(kind.partition("[")[0]))
        if _is_vague(kind) or not (sure or ours):
            return None
        return Typed(place, name, self._no_attribute(kind, name), sure)

    def _argument(self, place: Place, message: str) -> Typed | None:
        found = monty.TYPE_ARGUMENT.match(message)
        if found is None or found["kind"] not in self._builders or _is_vague(found["given"]):
            return None
        compound = "Mapping" in found["wanted"] or "Sequence" in found["wanted"]
        if compound and (
            not monty.SINGLE_TYPE.match(found["given"]) or found["name"].endswith("_async")
        ):
            # The type of a dict that is filled step by step is only guessed.
            return None
        builder = self._builders[found["kind"]]
        given = found["given"].removesuffix(monty.INFERRED)
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
    """Return whether a value of that type may well be something else."""
    return kind in _VAGUE or " | " in monty.TYPE_BRACKETS.sub("", kind)
