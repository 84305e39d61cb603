"""`next_page()`: the page behind the one that a flow was given, one continuation a page, in order.

A list goes on behind its last object (or, asked backwards, before its first), a search by the page
that its answer names (Stripe API reference, "Pagination" and "Search"). Nothing of it is taken from
the script: the answer and the call that it answers say it all.
"""

from __future__ import annotations

import json

from stripe_flows.engine.scope import Answered
from stripe_flows.engine.stripe.catalog import MANY, stripe_catalog
from stripe_flows.engine.stripe.values import is_unicode
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
    """The parameters of the call for the next page, or why there can be none.

    A cursor that would ask for the same page once more is a fault: it would be asked for without end.
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
