"""`expand[]`: an id in the answer → the object itself (Stripe's document "Expanding responses")."""

from __future__ import annotations

from typing import Any

from stripe_flows.local.simulator.problems import invalid_request
from stripe_flows.local.simulator.store import Store
from stripe_flows.local.simulator.values import Fields

MAX_DEPTH = 4


def expand(answer: Fields, paths: list[str], store: Store) -> None:
    """Expand in place. An id whose object the simulator does not keep (a charge) stays an id."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH:
            raise invalid_request(
                f"You cannot expand more than {MAX_DEPTH} levels: {path}.", param="expand"
            )
        _expand(answer, steps, path, store)


def _expand(holder: Any, steps: list[str], path: str, store: Store) -> None:
    if not steps or holder is None:
        return
    if isinstance(holder, list):
        for member in holder:
            _expand(member, steps, path, store)
        return
    name, rest = steps[0], steps[1:]
    if not isinstance(holder, dict) or name not in holder:
        raise _cannot(path)
    value = holder[name]
    if isinstance(value, str):
        if "_" not in value or name in ("id", "object"):
            raise _cannot(path)
        found = store.find(value)
        if found is None:
            return
        value = holder[name] = found
    elif not rest and isinstance(value, (bool, int, float)):
        raise _cannot(path)
    _expand(value, rest, path, store)


def _cannot(path: str) -> Exception:
    return invalid_request(f"This property cannot be expanded ({path}).", param="expand")
