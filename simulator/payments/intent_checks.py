"""Checks of an intent's parameters beyond their types: combinations and fees.

Source: Stripe's API reference, "Create a PaymentIntent", and its documents "Statement descriptors"
and "Collect application fees".
"""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

from .payment_methods import any_payment_method

MAX_DESCRIPTOR = 22

_EXCLUSIVE = (
    "allowed_payment_method_types",
    "automatic_payment_methods",
    "excluded_payment_method_types",
    "payment_method_configuration",
)
_WHEN_CONFIRMED = ("error_on_requires_action", "mandate", "mandate_data", "off_session")


def check_parameters(params: Fields) -> None:
    """Raise `Problem` (400) for parameters of a new intent that cannot be combined."""
    if not params.get("confirm"):
        for name in _WHEN_CONFIRMED:
            if params.get(name):
                raise invalid_request(
                    f"You can only set `{name}` when `confirm` is true.", param=name
                )
    check_types(params)


def check_types(params: Fields) -> None:
    """Raise `Problem` (400) if the types of payment methods are given in two ways."""
    if params.get("allowed_payment_method_types"):
        for name in _EXCLUSIVE[1:]:
            if params.get(name):
                raise invalid_request(
                    f"You may only specify one of these parameters: {_EXCLUSIVE[0]}, {name}.",
                    param=_EXCLUSIVE[0],
                )


def check_payment(world: World, intent: Fields) -> None:
    """Raise `Problem` (400) for a payment intent that Stripe refuses."""
    _check_fee(world, intent)
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        text = intent[name]
        if text is not None and len(text) > MAX_DESCRIPTOR:
            raise invalid_request(
                f"The {name} must be at most {MAX_DESCRIPTOR} characters long.", param=name
            )
    if intent["statement_descriptor"] is not None and _is_card(world, intent):
        raise invalid_request(
            "`statement_descriptor` is not supported for card payments. Use "
            "`statement_descriptor_suffix` instead.",
            param="statement_descriptor",
        )


def _check_fee(world: World, intent: Fields) -> None:
    fee = intent["application_fee_amount"]
    if not fee:
        return
    destination = (intent["transfer_data"] or {}).get("destination")
    if world.platform is None and not destination:
        raise invalid_request(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a "
            "direct payment (using the Stripe-Account header) or a destination payment (using "
            "`transfer_data[destination]`).",
            param="application_fee_amount",
        )
    if fee > intent["amount"]:
        raise invalid_request(
            "The application fee cannot be greater than the amount of the payment.",
            param="application_fee_amount",
        )


def _is_card(world: World, intent: Fields) -> bool:
    named = intent["payment_method"]
    if named is None:
        automatic = intent["automatic_payment_methods"]
        return automatic is None and intent["payment_method_types"] == ["card"]
    method = any_payment_method(world, named, "payment_method")
    return bool(method.get("type", "card") == "card")
