"""The record of a flow that a test has played."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .answer import Answer
from .call import Call


@dataclass
class Played:
    """The result of `stripe_flows.testing.play`."""

    calls: list[Call] = field(default_factory=list)
    """The calls, in the order in which they were made."""
    output: str = ""
    """All that the scripts printed, the warnings included."""
    warnings: list[str] = field(default_factory=list)
    """Warnings for suspicious calls, each with flow and line; the calls are made all the same."""
    flows: list[str] = field(default_factory=list)
    """The names of the flows, in the order in which they ran."""
    held: list[Call] = field(default_factory=list)
    """The calls whose outcome stayed unknown."""
    unhandled: list[Answer] = field(default_factory=list)
    """The errors that no flow handled; each of them makes a real run fail."""

    @property
    def status(self) -> Literal["held", "failed", "succeeded"]:
        """The status that a real run would have."""
        if self.held:
            return "held"
        return "failed" if self.unhandled else "succeeded"
