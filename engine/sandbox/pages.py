"""`next_page()`: the page behind the one that a flow was given, one continuation a page, in order.

A list goes on behind its last object (or, asked backwards, before its first), a search by the page
that its answer names (Stripe API reference, "Pagination" and "Search"). Nothing of it is taken from
the script: the answer and the call that it answers say it all.
"""

from __future__ import annotations

import json

from stripe_flows.engine.scope import Answered
from stripe_flows.engine.stripe.catalog import MANY, stripe_catalog
from stripe_flows.engine.types import JSONObject


def is_page(answered: Answered | None) -> bool:
    """Whether the answer is a page of a list or of a search."""
    return page_of(answered) is not None


def page_of(answered: Answered | None) -> str | None:
    """The resource of which the answer is a page; None if it is none."""
    if answered is None or answered.kind != "response" or not answered.call.path:
        return None
    line = stripe_catalog().lines.get(answered.call.operation)
    return line.resource if line is not None and line.verb in MANY else None


def has_more(answered: Answered) -> bool:
    """Whether Stripe says that there is a page behind this one."""
    return _page(answered).get("has_more") is True


def next_request(answered: Answered) -> JSONObject | str:
    """The parameters of the call for the next page, or what is wrong with the answer."""
    page, request = _page(answered), dict(answered.call.request)
    if page.get("object") == "search_result":
        token = page.get("next_page")
        if not isinstance(token, str):
            return "the answer names no next page"
        return {**request, "page": token}
    backwards = "ending_before" in request
    data = page.get("data")
    edge = data[0 if backwards else -1] if isinstance(data, list) and data else None
    cursor = edge.get("id") if isinstance(edge, dict) else None
    if not isinstance(cursor, str):
        return f"the {'first' if backwards else 'last'} object of the list has no id"
    return {**request, "ending_before" if backwards else "starting_after": cursor}


def _page(answered: Answered) -> JSONObject:
    try:
        found = json.loads(answered.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
