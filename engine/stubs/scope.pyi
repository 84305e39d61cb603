"""The names that every flow has in scope, and the classes of parsed objects.

`X | Any` is a field that may be None or missing: an editor completes it like an X, and a flow may
test it or use it at once.
"""

from collections.abc import Iterator, KeysView, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from stripe_flows.engine.stubs.objects import PaymentIntent, PaymentMethod, SetupIntent, Source

_T = TypeVar("_T")

Text: TypeAlias = str | int | float
"""A string. Stripe reads a number as a string of digits."""

Time: TypeAlias = int | datetime
"""Seconds since 1970."""

DecimalNumber: TypeAlias = Decimal | float | str

class StripeSecret:
    """A handle: the key itself is never in a script."""

class StripeObject:
    """A JSON object: its fields are attributes, and `["name"]` reaches them too."""

    def __getitem__(self, name: str, /) -> Any: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def get(self, name: str, default: Any = None) -> Any: ...
    def keys(self) -> KeysView[str]: ...
    def values(self) -> list[Any]: ...
    def items(self) -> list[tuple[str, Any]]: ...
    def to_dict(self) -> dict[str, Any]: ...

class Map(StripeObject, Generic[_T]):
    """An object whose names are not known beforehand, such as metadata."""

    def __getattr__(self, name: str, /) -> _T: ...
    def __getitem__(self, name: str, /) -> _T: ...

class Expandable(str):
    """An id; or, where the call asked for it with `expand`, the object itself."""

    def __getattr__(self, name: str, /) -> Any: ...
    def __getitem__(self, name: Any, /) -> Any: ...

class Page(StripeObject, Generic[_T]):
    """A part of a list; `next_page()` asks for the next one."""

    object: Literal["list"]
    data: list[_T]
    has_more: bool
    url: str
    total_count: int | Any

class SearchPage(StripeObject, Generic[_T]):
    """A part of the results of a search; `next_page()` asks for the next one."""

    object: Literal["search_result"]
    data: list[_T]
    has_more: bool
    url: str
    next_page: str | Any
    total_count: int | Any

Object: TypeAlias = Mapping[str, Any] | StripeObject
"""A nested parameter: a dict, or a part of an answer."""

class AnsweredCall(StripeObject):
    """The call that was answered."""

    id: str
    operation: str
    request: Map[Any]
    """The parameters that were sent."""
    attempts: int
    """The number of times that it was sent."""
    http_status: int | Any
    request_id: str | Any
    then: str | Any
    """The `then=` of the call."""
    on_error: str | Any
    """The `on_error=` of the call."""
    stripe_account: str | Any
    """The connected account of the call."""

class StripeErrorDetails(StripeObject):
    """Stripe's error: https://docs.stripe.com/api/errors"""

    type: (
        Literal[
            "api_connection_error",
            "api_error",
            "card_error",
            "idempotency_error",
            "invalid_request_error",
        ]
        | str
    )
    code: str | Any
    decline_code: str | Any
    advice_code: str | Any
    network_advice_code: str | Any
    network_decline_code: str | Any
    message: str | Any
    param: str | Any
    charge: str | Any
    doc_url: str | Any
    request_log_url: str | Any
    payment_intent: PaymentIntent | Any
    payment_method: PaymentMethod | Any
    payment_method_type: str | Any
    setup_intent: SetupIntent | Any
    source: Source | Any

class StripeError(StripeObject):
    """The body of a refusal."""

    error: StripeErrorDetails

worker_id: str
context_id: str
stripe_secret: StripeSecret
params: dict[str, Any]

# In flows that continue an answer. `stripe-flows stubs` gives each flow the type of `parsed_data`.
parsed_data: Any
response_json: str
parsed_error: StripeError
error_json: str
call: AnsweredCall

def next_page(*, params: Mapping[str, Any] | None = None) -> str | None:
    """Ask for the page after this one. Return None if there is none."""
