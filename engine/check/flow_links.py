"""Find answers that no flow continues, and flows to which no answer leads.

An operation counts as called if a text names its builder and its verb anywhere. A flow counts as
reached if only a value made at run time could lead to it. So no finding here is a false alarm.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field

from stripe_flows.engine.continuation import DEFAULT, continuation, continuation_name, flow_for
from stripe_flows.engine.flow import FlowSet
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.sandbox.builders import CREATE
from stripe_flows.engine.sandbox.reading import Reading
from stripe_flows.engine.stripe.catalog import Catalog

from .calls import Dispatch
from .literal import literal


@dataclass
class Links:
    """The calls of all flows together.

    `anywhere`: some call may continue in any flow; `any_error`: in any error flow.
    """

    operations: set[str] = field(default_factory=set)
    thens: Counter[str] = field(default_factory=Counter)
    errors: set[str] = field(default_factory=set)
    anywhere: bool = False
    any_error: bool = False

    def add(self, reading: Reading, nodes: list[ast.AST] | None, catalog: Catalog) -> None:
        """Add one flow. `nodes` is None if its text could not be read."""
        self.operations |= _operations(reading, catalog)
        if nodes is None:
            self.anywhere = True
            return
        for node in nodes:
            if isinstance(node, ast.Call):
                self._call(node)

    def _call(self, node: ast.Call) -> None:
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        for keyword in node.keywords:
            if keyword.arg == "then":
                then = literal(keyword.value)
                if isinstance(then, str):
                    self.thens[then] += 1
                elif then is not None:
                    self.anywhere = True
            elif keyword.arg == "on_error":
                on_error = literal(keyword.value)
                if isinstance(on_error, str):
                    self.errors.add(on_error)
                elif on_error is not None:
                    self.any_error = True
            elif keyword.arg is None and (method == CREATE or method.endswith("_async")):
                self.anywhere = True

    def unreached(self, flow: str, catalog: Catalog) -> str | None:
        """Return why no answer leads to the flow, though its name says that it continues one."""
        continues = continuation_name(flow)
        if continues is None or self.anywhere:
            return None
        stem, kind = continues
        if stem == DEFAULT and kind == "unknown":
            return (
                "nothing leads here: unknown outcomes have no default, "
                "only <then>_unknown and new_<operation>_unknown"
            )
        if stem in self.thens or stem == DEFAULT:
            return None
        if kind == "error" and (self.any_error or stem in self.errors):
            return None
        operation = continues.operation
        if operation is None:
            also = f" or on_error={stem!r}" if kind == "error" else ""
            return f"nothing leads here: no call has then={stem!r}{also}"
        if operation not in catalog.lines:
            hint = nearest(operation, catalog.lines)
            return f"nothing leads here: there is no operation {operation!r}{hint}"
        if operation not in self.operations:
            return f"nothing leads here: no flow calls {operation}"
        return None


def _operations(reading: Reading, catalog: Catalog) -> set[str]:
    found: set[str] = set()
    names = catalog.builders if reading.dynamic else reading.words & catalog.builders.keys()
    for name in names:
        for verb, operations in catalog.builders[name].verbs.items():
            if reading.names(f"{verb}_async") or (verb == CREATE and reading.names(CREATE)):
                found.update(operations.values())
    return found


def no_continuation(dispatch: Dispatch, flows: FlowSet) -> str | None:
    """Return the note on a call whose answer no flow continues; None if it is not clearly so."""
    then = dispatch.then
    if then is not None and not isinstance(then, str):
        return None
    if continuation(flows, dispatch.operation, "response", then=then, on_error=None) is not None:
        return None
    # An `on_error` that the text does not show has to exist.
    handled = dispatch.on_error is not None
    handled = handled or (
        continuation(flows, dispatch.operation, "error", then=then, on_error=None) is not None
    )
    ends = "" if handled else ", and an error fails the run"
    looked_for = flow_for(dispatch.operation, "response")
    return f"no flow continues a response ({looked_for}): it ends this branch{ends}"
