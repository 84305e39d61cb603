"""The shapes that the simulator's parts share."""

from __future__ import annotations

from typing import Any, TypeAlias

Fields: TypeAlias = dict[str, Any]
"""A Stripe object, or the parameters of a request, as JSON: checked at run time, by the catalog."""
