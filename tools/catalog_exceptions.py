"""Parameters that accept more than the types of the `stripe` package say, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from catalog_shapes import Shape

ALSO_TAKEN: Mapping[tuple[str, str], Shape] = {
    # The types of the npm package for the same version of the API have `string | BankAccount`, as
    # both packages have for the token's card: the id of a customer's bank account.
    ("create_token", "bank_account"): "string",
}
"""Operation and parameter → the shape that is accepted besides the package's."""


def with_exceptions(operation: str, fields: Mapping[str, Shape]) -> Mapping[str, Shape]:
    """Return the operation's parameters, with the shapes that they accept as well."""
    return {
        name: {"any_of": [shape, ALSO_TAKEN[operation, name]]}
        if (operation, name) in ALSO_TAKEN
        else shape
        for name, shape in fields.items()
    }
