"""What `then=` and `on_error=` can name: the flows of the folder, without the ending that an answer
adds."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from stripe_flows.engine.errors import nearest
from stripe_flows.engine.flow import is_flow_name
from stripe_flows.engine.types import JSONValue

_ENDS = ("_response", "_error", "_unknown")


class Continuations:
    """The flows in which a call can be told to continue."""

    def __init__(self, flow_names: Collection[str]) -> None:
        self._flow_names = flow_names

    def has(self, then: str) -> bool:
        """Whether a call can be told to continue there."""
        return any(f"{then}{end}" in self._flow_names for end in _ENDS)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Every text that `then` may be."""
        return frozenset(
            name.removesuffix(end)
            for name in self._flow_names
            for end in _ENDS
            if name.endswith(end)
        )

    def fault(self, then: JSONValue) -> str | None:
        """What is wrong with `then`, behind its name; None if nothing is."""
        if then is None:
            return None
        if not isinstance(then, str):
            return "must be the name of a flow without its ending, such as 'after_signup'"
        if self.has(then):
            return None
        # A flow's own name, or the path of its file, says which one is meant.
        plain = then.removeprefix("flows/").removesuffix(".py")
        plain = next((plain.removesuffix(end) for end in _ENDS if plain.endswith(end)), plain)
        if self.has(plain):
            return f"is given without folder and ending: then={plain!r}"
        if not is_flow_name(then):
            return "is not a flow's name"
        return f"names no flow: there is no flows/{then}_response.py{nearest(then, self.stems)}"

    def error_fault(self, on_error: JSONValue) -> str | None:
        """What is wrong with `on_error`, behind its name; None if nothing is."""
        if on_error is None:
            return None
        if not isinstance(on_error, str):
            return "must be the name of an error flow without its ending, such as 'order'"
        if f"{on_error}_error" in self._flow_names:
            return None
        plain = on_error.removeprefix("flows/").removesuffix(".py").removesuffix("_error")
        if f"{plain}_error" in self._flow_names:
            return f"is given without folder and ending: on_error={plain!r}"
        if not is_flow_name(on_error):
            return "is not a flow's name"
        stems = [
            name.removesuffix("_error") for name in self._flow_names if name.endswith("_error")
        ]
        return f"names no flow: there is no flows/{on_error}_error.py{nearest(on_error, stems)}"
