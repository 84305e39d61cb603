"""Flows, read without running them: all that can be said of a folder before it is deployed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from stripe_flows.engine.check.calls import Calls, Dispatch
from stripe_flows.engine.check.chains import Chains
from stripe_flows.engine.check.finding import TOP, Finding, Text
from stripe_flows.engine.check.links import Links, no_continuation
from stripe_flows.engine.check.misuses import misuses
from stripe_flows.engine.check.names import bound_in, unknown_names
from stripe_flows.engine.check.reader import Reader
from stripe_flows.engine.check.unsent import unsent
from stripe_flows.engine.redact import redact
from stripe_flows.engine.sandbox.process import Processes
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.scope import Limits
from stripe_flows.engine.stripe.catalog import Catalog, stripe_catalog

_LIMITS = Limits(seconds=5)


def check_flows(sources: Mapping[str, str], only: Collection[str] | None = None) -> list[Finding]:
    """What is wrong with flows, and what is odd about them, by name, line and column.

    `sources` are the texts of all flows by name, since they lead to one another; `only` names those
    of which to tell, all if None. Nothing of a text is run. Raises SandboxCrashed or SandboxBusy if
    the sandbox cannot be asked.
    """
    processes = Processes(_LIMITS, processes=1, checkout_timeout=10.0)
    try:
        return sorted(_Check(sources, only, Reader(processes)).findings())
    finally:
        processes.close()


@dataclass(frozen=True)
class _Check:
    sources: Mapping[str, str]
    only: Collection[str] | None
    reader: Reader

    def findings(self) -> Iterator[Finding]:
        catalog = stripe_catalog()
        links = Links()
        for flow, source in self.sources.items():
            wanted = self.only is None or flow in self.only
            nodes = _nodes(source)
            links.add(read(source), nodes, catalog)
            if wanted:
                yield from self._flow(flow, source, nodes, catalog)
        for flow in self.sources if self.only is None else self.only:
            message = links.unreached(flow, catalog)
            if message is not None:
                yield Finding(flow, *TOP, message, note=True)

    def _flow(
        self, flow: str, source: str, nodes: list[ast.AST] | None, catalog: Catalog
    ) -> Iterator[Finding]:
        fault = self.reader.fault(source)
        if fault is not None:
            yield Finding(flow, *fault.place, redact(fault.message))
            return
        if nodes is None:
            message = "only its syntax was checked: this Python is older than the sandbox's"
            yield Finding(flow, *TOP, message, note=True)
            return
        text = Text(source)
        yield from self._imports(flow, text, nodes)
        yield from _keys(flow, text, nodes)
        bound = bound_in(nodes)
        said = list(unknown_names(flow, nodes, bound, catalog, self.reader.has))
        chains = Chains(catalog, nodes, bound)
        calls = Calls(chains, catalog, self.sources)
        said += [*calls.said, *misuses(chains)]
        if all(one.note for one in said):
            said += unsent(chains)
        for one in said:
            yield Finding(flow, *text.place(one.node), redact(one.message), one.note)
        yield from self._continuations(flow, text, calls.dispatches)

    def _imports(self, flow: str, text: Text, nodes: list[ast.AST]) -> Iterator[Finding]:
        attempts = [node for node in nodes if isinstance(node, ast.Try)]
        tried = {id(node) for attempt in attempts for node in ast.walk(attempt)}
        for node in nodes:
            # One that is tried may well fail: the flow does without.
            if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in tried:
                message = self.reader.import_fault(node)
                if message is not None:
                    yield Finding(flow, *text.begin(node), message)

    def _continuations(
        self, flow: str, text: Text, dispatches: list[Dispatch]
    ) -> Iterator[Finding]:
        for dispatch in dispatches:
            message = no_continuation(dispatch, self.sources)
            if message is not None:
                yield Finding(flow, *text.name(dispatch.node), message, note=True)


def _keys(flow: str, text: Text, nodes: list[ast.AST]) -> Iterator[Finding]:
    for node in nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if redact(node.value) != node.value:
            message = "a Stripe key stands in this file: pass stripe_secret on, or 'env:STRIPE_…'"
            yield Finding(flow, *text.begin(node), message, note=True)


def _nodes(source: str) -> list[ast.AST] | None:
    """All nodes of a text; None if this Python cannot read it (the sandbox may all the same)."""
    try:
        return list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
