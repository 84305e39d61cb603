"""Details: what the record of a run keeps of a request, of Stripe's answer and of a start's params.

They are for people who look a run up later, and sealed like everything else that is recorded. Kept
is what one looks for first, masked (see `masking`) and bounded; never the whole answer.
"""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict

from .answer import Answer
from .call import Call
from .masking import masked_object, masked_text
from .types import JSONObject, JSONValue

MAX_BYTES = 2048
"""Bytes of JSON that are kept of a request's parameters, or of a start's params."""

MAX_TEXT = 500
"""Characters that are kept of one text of Stripe's."""

_MAX_AMOUNTS = 8
_LONG, _SHORT_LIST = 100, 10
_CUT = "…"
_AMOUNTS = ("amount", "total", "subtotal", "fee", "net")
_TEXTS = ("object", "status", "payment_status", "currency")
_ERROR_TEXTS = (
    "message",
    "code",
    "decline_code",
    "advice_code",
    "param",
    "doc_url",
    "request_log_url",
)


class RequestDetails(BaseModel):
    """The part of a call's request that the record keeps, masked and limited in size."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    method: str
    """The HTTP method."""
    path: str
    """The path of the URL."""
    parameters: JSONObject = {}
    """Stripe's parameters, as the script set them."""
    cut: bool = False
    """True if parameters were left out for their size; "…" marks where."""
    stripe_account: str | None = None
    """The connected account (`acct_…`), if the call was made for one."""
    idempotency_key: str | None = None
    """The idempotency key; None if it is the call's id."""


class AnswerDetails(BaseModel):
    """The part of Stripe's answer that the record keeps: of an object, or of an error."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    object: str | None = None
    """The kind of the object, such as `payment_intent`."""
    status: str | None = None
    """The object's status."""
    payment_status: str | None = None
    """The status of its payment, if the object has one of its own."""
    amounts: dict[str, int] = {}
    """Amounts by Stripe's names, in the currency's smallest unit; zeros only for `amount`."""
    currency: str | None = None
    """The currency of the amounts."""
    livemode: bool | None = None
    """True in live mode, False in test mode, None if the answer does not have it."""
    message: str | None = None
    """The error's message; it may quote a customer."""
    code: str | None = None
    """The error's code, such as `card_declined`."""
    decline_code: str | None = None
    """The issuer's reason for a declined card."""
    advice_code: str | None = None
    """Stripe's advice on a declined card, such as `try_again_later`."""
    param: str | None = None
    """The parameter that the error is about."""
    doc_url: str | None = None
    """Stripe's page about the error."""
    request_log_url: str | None = None
    """The request's page in Stripe's dashboard."""


def request_details(call: Call, idempotency_key: str | None = None) -> RequestDetails:
    """Return what the record keeps of a call's request. `idempotency_key`: if not the call's id."""
    parameters, cut = bounded(masked_object(call.request))
    return RequestDetails(
        method=call.method,
        path=masked_text(call.path),
        parameters=parameters,
        cut=cut,
        stripe_account=call.stripe_account,
        idempotency_key=masked_text(idempotency_key) if idempotency_key else None,
    )


def answer_details(answer: Answer) -> AnswerDetails:
    """Return what the record keeps of an answer."""
    fields = answer.fields
    found = fields.get("error")
    if answer.kind != "response" and isinstance(found, dict):
        return AnswerDetails(**_texts(found, _ERROR_TEXTS))
    livemode = fields.get("livemode")
    return AnswerDetails(
        **_texts(fields, _TEXTS),
        amounts=_amounts(fields),
        livemode=livemode if isinstance(livemode, bool) else None,
    )


def bounded(value: JSONObject, limit: int = MAX_BYTES) -> tuple[JSONObject, bool]:
    """Return the object, cut to about `limit` bytes of JSON, and whether anything was left out.

    Long texts and lists are cut first, each with a mark; then the last members are left out.
    """
    if _size(value) <= limit:
        return value, False
    shorter = {name: _shorter(member) for name, member in value.items()}
    kept: JSONObject = {}
    left = limit - _size({_CUT: f"{len(shorter):,} more"})
    for name, member in shorter.items():
        left -= _size({name: member})
        if left < 0:
            kept[_CUT] = f"{len(shorter) - len(kept):,} more"
            break
        kept[name] = member
    return kept, True


def _shorter(value: JSONValue) -> JSONValue:
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:_LONG]}{_CUT} ({len(value):,} characters)"
    if isinstance(value, dict):
        return {name[:_LONG]: _shorter(member) for name, member in value.items()}
    if isinstance(value, list):
        kept = [_shorter(member) for member in value[:_SHORT_LIST]]
        return [*kept, f"{_CUT} {len(value) - _SHORT_LIST:,} more"] if value[_SHORT_LIST:] else kept
    return value


def _size(value: JSONValue) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _texts(fields: JSONObject, names: tuple[str, ...]) -> dict[str, str]:
    return {
        name: masked_text(text)[:MAX_TEXT]
        for name in names
        if isinstance(text := fields.get(name), str) and text
    }


def _amounts(fields: JSONObject) -> dict[str, int]:
    found = {
        name: value
        for name, value in fields.items()
        if (name in _AMOUNTS or name.startswith("amount_") or name.endswith("_amount"))
        and type(value) is int
        and (value or name == "amount")
    }
    return dict(list(found.items())[:_MAX_AMOUNTS])
