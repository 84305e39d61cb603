"""Effects: how often a request was executed under each idempotency key.

Tests judge by this count: more than one execution under a key is a double charge.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from stripe_flows.simulator.objects.state import State
from stripe_flows.simulator.types import Fields


@dataclass(slots=True)
class Effect:
    """The effect of one idempotency key."""

    operation: str
    executed: int
    objects: list[str]

    def as_json(self) -> Fields:
        return {
            "operation": self.operation,
            "executed": self.executed,
            "objects": self.objects,
        }


class Effects:
    """Executed writes, by idempotency key and by operation."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._keys: dict[str, Effect] = {}
        self._operations: Counter[str] = Counter()
        for key, operation, made in state.effects():
            self._count(key, operation, made)

    def add(self, key: str | None, operation: str, made: str | None) -> None:
        self._count(key, operation, made)
        self._state.add_effect((key, operation, made))

    def _count(self, key: str | None, operation: str, made: str | None) -> None:
        self._operations[operation] += 1
        if key is None:
            return
        effect = self._keys.setdefault(key, Effect(operation, 0, []))
        effect.executed += 1
        if made is not None:
            effect.objects.append(made)

    def as_json(self, at_least: int) -> Fields:
        """Return the keys that were executed `at_least` so often, and counts by operation."""
        return {
            "keys": {
                key: effect.as_json()
                for key, effect in self._keys.items()
                if effect.executed >= at_least
            },
            "operations": dict(self._operations),
        }

    def clear(self) -> None:
        self._keys.clear()
        self._operations.clear()
