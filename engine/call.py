"""A call: one intended Stripe request, as a script recorded it and as it will go out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from .types import JSONObject


class Call(BaseModel):
    """One intended Stripe request, frozen when its script commits."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    operation: str
    """The verb and the resource, such as `create_payment_intent`."""
    method: Literal["GET", "POST", "DELETE"]
    """The HTTP method."""
    path: str
    """The path of the URL; it begins with `/v1/`."""
    body: str
    """The encoded form; for GET and DELETE the query."""
    request: JSONObject
    """Stripe's parameters, as the script set them."""
    stripe_version: str
    """The header `Stripe-Version`."""
    stripe_account: str | None = None
    """The header `Stripe-Account`, if the call is made for a connected account."""
    idempotency_key: str | None = None
    """The caller's own idempotency key; None means the call's id."""
    secret: SecretSource
    """The source of the Stripe key; never a readable key after the script's commit."""
    worker_id: str
    """The workers that carry the call and its continuation."""
    context_id: str
    """The caller's name for the piece of business."""
    params: JSONObject
    """The continuation's `params`."""
    then: str | None = None
    """The name of the flows that continue the call instead of its operation's."""
    on_error: str | None = None
    """The name of the flow that continues the call after an error."""
    line: int | None = None
    """The line of the script that made the call."""
    next_page: bool = False
    """True if it gets the next page of a list, so that its continuation is not one step deeper."""


class SecretSource(BaseModel):
    """The source of a call's Stripe key. Its `repr` shows no key."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: Literal["own", "reference", "literal", "sealed"]
    """The script's own `stripe_secret`, a variable of the worker, a key in the script, a sealed key."""
    value: str = ""
    """Nothing, the variable's name, the key (to be sealed before it goes anywhere), the sealed key."""

    def __repr__(self) -> str:
        return f"SecretSource({self.kind}, {self.value if self.kind == 'reference' else '***'})"

    __str__ = __repr__


Call.model_rebuild()
