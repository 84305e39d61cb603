"""What Stripe takes and the types of the `stripe` package leave out: few, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from catalog_shapes import Shape

ALSO_TAKEN: Mapping[tuple[str, str], Shape] = {
    # The types of the npm package for the same version of the API have `string | BankAccount`, as
    # both packages have for the token's card: the id of a customer's bank account.
    ("create_token", "bank_account"): "string",
}
"""Operation and parameter → the shape that is taken besides the package's."""


def with_exceptions(operation: str, fields: Mapping[str, Shape]) -> Mapping[str, Shape]:
    """The operation's parameters, with what else they take."""
    return {
        name: {"any_of": [shape, ALSO_TAKEN[operation, name]]}
        if (operation, name) in ALSO_TAKEN
        else shape
        for name, shape in fields.items()
    }
