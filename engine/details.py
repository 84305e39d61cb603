"""Details: the parts of a request, an answer and a start's params that the record of a run keeps.

They are for people who look at a run later, and sealed like the rest of the record. They are masked
(see `masking`) and limited in size, and never the whole answer.
"""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict

from .answer import Answer
from .call import Call
from .masking import masked_object, masked_text
from .types import JSONObject, JSONValue

MAX_BYTES = 2048
"""The most bytes of JSON that are kept of a request's parameters, or of a start's params."""

MAX_TEXT = 500
"""The most characters that are kept of one string of Stripe's."""

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
    """The recorded parts of a request."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    method: str
    """The HTTP method."""
    path: str
    """The path, masked."""
    parameters: JSONObject = {}
    """The parameters by Stripe's names, masked."""
    cut: bool = False
    """Some parameters were left out or shortened for their size; "…" marks the places."""
    stripe_account: str | None = None
    """The connected account of the request, if any."""
    idempotency_key: str | None = None
    """The idempotency key; None if it is the id of the call."""


class AnswerDetails(BaseModel):
    """The recorded parts of an answer: those of an object, or those of an error."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    object: str | None = None
    """The kind of the object: `payment_intent`."""
    status: str | None = None
    """The status of the object."""
    payment_status: str | None = None
    """The payment status of a checkout session."""
    amounts: dict[str, int] = {}
    """Amounts by Stripe's names, in the smallest unit of `currency`. Those that are 0 are left out,
    except `amount`."""
    currency: str | None = None
    """The currency of the amounts, in lower case."""
    livemode: bool | None = None
    """The object is in live mode, or not."""
    message: str | None = None
    """The message of the error, masked."""
    code: str | None = None
    """The code of the error: `card_declined`."""
    decline_code: str | None = None
    """The reason of a decline: `insufficient_funds`."""
    advice_code: str | None = None
    """Stripe's advice about another attempt: `try_again_later`."""
    param: str | None = None
    """The parameter that the error is about."""
    doc_url: str | None = None
    """Stripe's document about the error."""
    request_log_url: str | None = None
    """The request in Stripe's dashboard."""


def request_details(call: Call, idempotency_key: str | None = None) -> RequestDetails:
    """Return the recorded parts of a call's request. `idempotency_key`: if not the call's id."""
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
    """Return the recorded parts of an answer."""
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

    Long strings and lists are cut first, each with a mark; then the last members are left out.
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
