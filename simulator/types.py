"""Types that the parts of the simulator share."""

from __future__ import annotations

from typing import Any, TypeAlias

Fields: TypeAlias = dict[str, Any]
"""A Stripe object, or the parameters of a request, as JSON. The catalog checks them at run time."""
