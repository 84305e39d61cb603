"""Find the type of `parsed_data` in each flow: which answers lead to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from stripe_flows.engine.continuation import continuation_name
from stripe_flows.engine.stripe.catalog import Catalog

from .calls import Dispatch
from .checker_stubs import answer_type
from .flow_links import Links


@dataclass
class AnswerTypes:
    """The types of the responses that the calls of a folder lead to each flow."""

    links: Links
    catalog: Catalog
    _types: dict[str, set[str]] = field(default_factory=dict)
    _seen: Counter[str] = field(default_factory=Counter)

    def add(self, dispatches: Iterable[Dispatch]) -> None:
        """Add the calls of one flow."""
        for dispatch in dispatches:
            if isinstance(dispatch.then, str):
                kind = answer_type(self.catalog.operations[dispatch.operation])
                self._types.setdefault(dispatch.then, set()).add(kind)
                self._seen[dispatch.then] += 1

    def answer(self, flow: str) -> str | None:
        """Return the type of `parsed_data` in a flow; None if it has none or is not clear."""
        continues = continuation_name(flow)
        if continues is None or continues.kind != "response":
            return None
        stem, operation = continues.stem, continues.operation
        # Each such `then` must be that of a call that could be read: another may bring anything. (One
        # that is made at run time may lead here too; for that one nobody's flow is left untyped.)
        if self.links.thens[stem] != self._seen[stem]:
            return None
        types = {*self._types.get(stem, ())}
        if operation is not None and operation in self.catalog.lines:
            types.add(answer_type(self.catalog.operations[operation]))
        return types.pop() if len(types) == 1 else None
