"""Read each flow of a folder once: its calls, and the flows to which they lead."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from stripe_flows.engine.continuation import Continuations
from stripe_flows.engine.flow import FlowSet, is_flow_name
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.stripe.catalog import stripe_catalog

from .answer_types import AnswerTypes
from .builder_chains import Chains
from .calls import Calls
from .flow_links import Links
from .names import Bound, bound_in


@dataclass(frozen=True)
class Parsed:
    """A parsed text: all nodes, the names that they bind, the builders and the calls in them."""

    nodes: list[ast.AST]
    bound: Bound
    chains: Chains
    calls: Calls

    @cached_property
    def tried(self) -> frozenset[int]:
        """The lines in a `try`: the text is prepared for their failure."""
        bodies = [node.body for node in self.nodes if isinstance(node, ast.Try)]
        return frozenset(
            line
            for body in bodies
            for line in range(body[0].lineno, (body[-1].end_lineno or body[-1].lineno) + 1)
        )


@dataclass(frozen=True)
class ReadFlow:
    """One flow. `parsed` is None if this Python cannot read it; the sandbox may be able to."""

    name: str
    source: str
    parsed: Parsed | None


class Folder:
    """All flows of a folder.

    `sources` are their texts by name, since they lead to one another. `unread` names those without a
    readable text: answers may lead to them, and their calls may lead anywhere.
    """

    def __init__(self, sources: Mapping[str, str], unread: Collection[str] = ()) -> None:
        self.sources = sources
        unread = [name for name in unread if is_flow_name(name)]
        self.names = FlowSet(dict.fromkeys(sources, ""), dict.fromkeys(unread, ""))
        self.catalog = stripe_catalog()
        self.links = Links(anywhere=bool(unread))
        self._answer_types = AnswerTypes(self.links, self.catalog)
        self._continuations = Continuations(self.names)
        self.flows = [self._read(name, source) for name, source in sources.items()]

    def answer(self, flow: str) -> str | None:
        """Return the type of `parsed_data` in a flow; None if it has none or is not clear."""
        return self._answer_types.answer(flow)

    def _read(self, name: str, source: str) -> ReadFlow:
        nodes = _nodes(source)
        self.links.add(read(source), nodes, self.catalog)
        if nodes is None:
            return ReadFlow(name, source, None)
        bound = bound_in(nodes)
        chains = Chains(self.catalog, nodes, bound)
        calls = Calls(chains, self.catalog, self._continuations)
        self._answer_types.add(calls.dispatches)
        return ReadFlow(name, source, Parsed(nodes, bound, chains, calls))


def _nodes(source: str) -> list[ast.AST] | None:
    try:
        return list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
