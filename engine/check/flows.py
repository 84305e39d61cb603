"""Check a folder of flows without running them, before it is deployed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from stripe_flows.engine.redact import redact
from stripe_flows.engine.sandbox.process import Processes
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.scope import Limits

from .calls import Dispatch
from .checker_stubs import declared, is_class, stub_text
from .finding import TOP, Finding, Text
from .flow_links import no_continuation
from .folder import Folder, Parsed, ReadFlow
from .misuses import misuses
from .names import unknown_names
from .overlaps import others
from .sandbox_reader import Reader
from .type_check import TypeCheck, Typed
from .unsent_calls import unsent
from .unsupported_python import unsupported

_LIMITS = Limits(seconds=5)


def check_flows(
    sources: Mapping[str, str],
    only: Collection[str] | None = None,
    unread: Collection[str] = (),
) -> list[Finding]:
    """Return the mistakes in flows, and notes on suspicious places, by name, line and column.

    `sources` are the texts of all flows by name, since they lead to one another. `only` names the flows
    to report on; None means all. `unread` names flows whose text could not be read. No text is run.
    Raises SandboxCrashed or SandboxBusy if the sandbox cannot be asked.
    """
    processes = Processes(_LIMITS, processes=1, checkout_timeout=10.0)
    try:
        found = _Check(Folder(sources, unread), only, Reader(processes)).findings()
        return sorted(replace(one, message=redact(one.message)) for one in found)
    finally:
        processes.close()


class _Check:
    def __init__(self, folder: Folder, only: Collection[str] | None, reader: Reader) -> None:
        self._folder = folder
        self._wanted = [flow for flow in folder.flows if only is None or flow.name in only]
        self._reader = reader
        parsed = [flow.parsed for flow in self._wanted if flow.parsed is not None]
        names = {name for one in parsed for name in (*one.bound.values, *one.bound.otherwise)}
        self._bound = declared({*names, "parsed_data"})

    def findings(self) -> Iterator[Finding]:
        words = {word for flow in self._wanted for word in read(flow.source).words}
        types = {kind for flow in self._wanted if (kind := self._folder.answer(flow.name))}
        with TypeCheck(stub_text(words, types, self._bound)) as typed:
            for flow in self._wanted:
                yield from self._flow(flow, typed)
        for flow in self._wanted:
            message = self._folder.links.unreached(flow.name, self._folder.catalog)
            if message is not None:
                yield Finding(flow.name, *TOP, message, note=True)

    def _flow(self, flow: ReadFlow, typed: TypeCheck) -> Iterator[Finding]:
        fault = self._reader.fault(flow.source)
        if fault is not None:
            yield Finding(flow.name, *fault.place, fault.message)
            return
        if flow.parsed is None:
            message = "only its syntax was checked: the Python that checks it cannot read it"
            yield Finding(flow.name, *TOP, message, note=True)
            return
        text = Text(flow.source)
        found = list(self._parsed(flow.name, text, flow.parsed))
        yield from found
        types = list(others(self._types(flow, typed), found, text, flow.parsed.nodes))
        for one in types:
            note = not one.certain or one.place.line in flow.parsed.tried
            yield Finding(flow.name, *one.place, one.message, note)
        if not types and all(one.note for one in found):
            # An unsent call is no news where something is wrong with it.
            for said in unsent(flow.parsed.chains):
                yield Finding(flow.name, *text.place(said.node), said.message, said.note)

    def _parsed(self, flow: str, text: Text, parsed: Parsed) -> Iterator[Finding]:
        yield from self._imports(flow, text, parsed)
        yield from _keys(flow, text, parsed.nodes)
        catalog = self._folder.catalog
        types = _types_named(parsed.nodes)
        nodes = [node for node in parsed.nodes if id(node) not in types]
        said = list(unknown_names(flow, nodes, parsed.bound, catalog, self._reader.has))
        said += parsed.calls.said
        for one in (*misuses(parsed.chains), *unsupported(parsed.chains, self._reader.has)):
            said.append(replace(one, note=one.note or one.node.lineno in parsed.tried))
        for one in said:
            yield Finding(flow, *text.place(one.node), one.message, one.note)
        yield from self._continuations(flow, text, parsed.calls.dispatches)

    def _types(self, flow: ReadFlow, typed: TypeCheck) -> Iterator[Typed]:
        bound = self._bound & read(flow.source).words
        return typed.findings(flow.source, self._folder.answer(flow.name), bound)

    def _imports(self, flow: str, text: Text, parsed: Parsed) -> Iterator[Finding]:
        for node in parsed.nodes:
            # In a `try` it may fail: the flow is prepared for that.
            if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno not in parsed.tried:
                message = self._reader.import_fault(node)
                if message is not None:
                    yield Finding(flow, *text.begin(node), message)

    def _continuations(
        self, flow: str, text: Text, dispatches: list[Dispatch]
    ) -> Iterator[Finding]:
        for dispatch in dispatches:
            message = no_continuation(dispatch, self._folder.names)
            if message is not None:
                yield Finding(flow, *text.name(dispatch.node), message, note=True)


def _types_named(nodes: list[ast.AST]) -> set[int]:
    """Return the names in annotations that are classes of the stubs. A run ignores annotations."""
    annotations: list[ast.expr | None] = []
    for node in nodes:
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            annotations.append(node.annotation)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            annotations.append(node.returns)
    names = [one for found in annotations if found is not None for one in ast.walk(found)]
    return {id(one) for one in names if isinstance(one, ast.Name) and is_class(one.id)}


def _keys(flow: str, text: Text, nodes: list[ast.AST]) -> Iterator[Finding]:
    for node in nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if redact(node.value) != node.value:
            message = "this file contains a Stripe key: pass stripe_secret on, or 'env:STRIPE_…'"
            yield Finding(flow, *text.begin(node), message, note=True)
