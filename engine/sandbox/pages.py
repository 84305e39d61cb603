"""Find the request for the next page: `next_page()`, one continuation for each page, in order.

A list continues after its last object (or, backwards, before its first). A search continues at the
page that its answer names (Stripe API reference, "Pagination" and "Search"). The request is made of
the answer and of the call that it answers, and of nothing that the script says.
"""

from __future__ import annotations

import json

from stripe_flows.engine.scope import Answered
from stripe_flows.engine.stripe.catalog import MANY, stripe_catalog
from stripe_flows.engine.stripe.values import is_unicode
from stripe_flows.engine.types import JSONObject

PAGED = "next_page() was called before: each page has one continuation"


def is_page(answered: Answered | None) -> bool:
    """Return whether the answer is a page of a list or of a search."""
    return page_of(answered) is not None


def page_of(answered: Answered | None) -> str | None:
    """Return the resource of which the answer is a page; None if it is not a page."""
    if answered is None or answered.kind != "response" or not answered.call.path:
        return None
    line = stripe_catalog().lines.get(answered.call.operation)
    return line.resource if line is not None and line.verb in MANY else None


def has_more(answered: Answered) -> bool:
    """Return whether Stripe says that there is a page after this one."""
    return _page(answered).get("has_more") is True


def next_request(answered: Answered) -> JSONObject | str:
    """Return the parameters of the call for the next page, or the reason why there is none.

    A cursor that asks for the same page again is a fault: the flow would never end.
    """
    operation = stripe_catalog().operations[answered.call.operation]
    page, request = _page(answered), answered.call.request
    if operation.verb == "search":
        name, what, cursor = "page", "the next page that the answer names", page.get("next_page")
        if not isinstance(cursor, str):
            return "the answer names no next page"
    else:
        backwards = "ending_before" in request
        name = "ending_before" if backwards else "starting_after"
        what = f"the id of the {'first' if backwards else 'last'} object of the list"
        if name not in operation.parameters:
            return f"{operation.called} has one page: Stripe takes no {name!r} there"
        data = page.get("data")
        if not isinstance(data, list) or not data:
            return "the answer says that there is more, but its page is empty"
        edge = data[0 if backwards else -1]
        cursor = edge.get("id") if isinstance(edge, dict) else None
        if not isinstance(cursor, str):
            return f"{what.removeprefix('the id of ')} has no id"
    if not cursor.strip():
        return f"{what} is empty"
    if not is_unicode(cursor):
        return f"{what} is not valid Unicode"
    if cursor == request.get(name):
        return f"{what} is where this page began: it would be the same page again"
    return {**request, name: cursor}


def _page(answered: Answered) -> JSONObject:
    try:
        found = json.loads(answered.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
