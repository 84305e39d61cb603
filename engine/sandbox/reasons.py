"""The reason of a failed script, in terms of the script: what was meant, and the nearest right thing.

The sandbox says what went wrong in its own words; here they are known by their patterns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.scope import Scope
from stripe_flows.engine.stripe.catalog import Catalog

from . import advice, asked, lacks, origin, sdk
from .builders import CREATE, setters
from .lines import nodes_at, nodes_of
from .modules import cannot_import, no_member, no_module, no_part
from .prelude import answer_names
from .reading import read
from .records import NEXT_PAGE

_ATTRIBUTE = re.compile(r"'_sf_(\w+)' object has no attribute '(\w+)'")
_OF_PYTHON = re.compile(r"(?:type object )?'([\w.]+)'(?: object)? has no attribute '(\w+)'")
_OF_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_JSON_OPTION = re.compile(r"JSONEncoder\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_NAME = re.compile(r"name '(\w+)' is not defined")
_KEYWORD = re.compile(r"(?<!\w)(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_POSITIONAL = re.compile(
    r"(?<!\w)(create|\w+_async)\(\) takes [^()]{0,40}positional arguments? but"
)
_MODULE = re.compile(r"No module named '([\w.]+)'")
_PART = re.compile(r"'([\w.]+)' is not supported in this environment")
_ITEM = re.compile(r"(?<!\w)'?_sf_(\w+)'? object does not support item assignment")


@dataclass(frozen=True)
class Reasons:
    """The reasons for what failed on `line` of a script; None if the line is not known."""

    source: str
    scope: Scope
    catalog: Catalog
    line: int | None

    def reason(self, kind: str, message: str, of_data: bool) -> str | None:
        """What to say of an error of class `kind`; None if its own message is as good. `of_data`: it
        was raised by parsed data."""
        said: str | None = None
        match kind:
            case "AttributeError":
                said = self._attribute(message)
            case "NameError":
                said = self._name(message)
            case "KeyError" if of_data:
                said = origin.no_field(self.source, self.scope.answered, message)
            case "KeyError" if origin.asks_params(self.source, message):
                if message not in self.scope.params:
                    said = advice.no_param(message, self.scope.params)
            case "TypeError":
                said = self._type(message)
            case "ModuleNotFoundError" if found := _MODULE.search(message):
                said = no_module(found[1])
                if first := sdk.said(self.catalog, nodes_of(self.source), found[1]):
                    said = f"a script cannot import {found[1]}: {first}"
            case "ModuleNotFoundError" | "ImportError":
                said = cannot_import(message)
            case "PermissionError":
                said = f"a script has no files: {message}"
            case "RuntimeError" if found := _PART.match(message):
                said = no_part(found[1])
        return said

    def _attribute(self, message: str) -> str | None:
        if found := _ATTRIBUTE.search(message):
            kind, name = found.groups()
            if kind in self.catalog.builders:
                return advice.no_method(self.catalog, self.catalog.builders[kind], name)
            if kind == "Data":
                return origin.no_field(self.source, self.scope.answered, name)
            return f"stripe_secret is a handle, without {name!r}"
        if found := _OF_MODULE.search(message):
            return no_member(*found.groups())
        if found := _OF_PYTHON.search(message):
            return origin.no_attribute(self.source, self.line, found[1], found[2], self.catalog)
        return None

    def _type(self, message: str) -> str | None:
        if (found := _ITEM.search(message)) and found[1] in self.catalog.builders:
            return advice.no_item(self.catalog.builders[found[1]])
        if found := _JSON_OPTION.match(message):
            return lacks.no_json_option(found[1])
        if found := _KEYWORD.search(message):
            return self._keyword(*found.groups())
        if message == "'list' object is not an iterator":
            return lacks.NO_NEXT
        if message.startswith("callable replacement"):
            return lacks.NO_FUNCTION_IN_SUB
        if found := _POSITIONAL.search(message):
            return advice.too_many_options(found[1])
        if "_sf_Data is not JSON serializable" in message:
            return "parsed data is no dict; its to_dict() is one, and its JSON text is there too"
        if "can't be awaited" in message and (verb := origin.awaited_verb(self.source)):
            return advice.no_waiting(verb)
        return asked.taken(message, self.source, self.line, self.scope, self.catalog)

    def _keyword(self, function: str, name: str) -> str:
        if function in self.catalog.builders:
            return advice.no_keyword(self.catalog, self.catalog.builders[function], name)
        if function == NEXT_PAGE:
            return f"{function}() has no parameter {name!r}{nearest(name, ['params'])}"
        settable = {
            setter
            for builder in read(self.source).functions
            if builder in self.catalog.builders
            for setter in setters(self.catalog, builder)
        }
        if function == CREATE or function.endswith("_async"):
            return advice.no_option(function, name, name in settable)
        if function in settable and f".{function}" in self.source:
            return advice.no_named_value(function, name)
        return f"{function}() has no parameter {name!r}"

    def _name(self, message: str) -> str | None:
        found = _NAME.match(message)
        if found is None:
            return None
        kind = self.scope.answered.kind if self.scope.answered is not None else None
        known = {"worker_id", "context_id", "stripe_secret", "params"}
        if kind is not None:
            known |= {"call", *answer_names(kind)}
        known |= read(self.source).words - {found[1]}
        if found[1] not in (*self.catalog.builders, *known) and (
            meant := sdk.said(self.catalog, nodes_at(self.source, self.line), found[1])
        ):
            return advice.written_otherwise(found[1], meant)
        return advice.no_name(self.catalog, found[1], kind, known)


def is_unknown_setter(kind: str, message: str, catalog: Catalog) -> bool:
    """Whether it is the error of a builder's setter that is not there."""
    found = _ATTRIBUTE.search(message) if kind == "AttributeError" else None
    return found is not None and found[1] in catalog.builders
