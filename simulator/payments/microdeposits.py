"""Microdeposits: verification of bank accounts by number, before they are debited.

Source: Stripe's document "ACH Direct Debit": the amounts and codes of the sandbox. Named test
accounts (`pm_usBankAccount_success`) are verified already.
"""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import Problem, invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

_UNVERIFIED = "_unverified"
_CODE = "payment_method_microdeposit_verification_"
_OUTCOMES = {
    "32,45": None,
    "SM11AA": None,
    "10,11": f"{_CODE}attempts_exceeded",
    "SM33CC": f"{_CODE}attempts_exceeded",
    "40,41": f"{_CODE}timeout",
    "SM44DD": f"{_CODE}timeout",
}


def demand(world: World, method: Fields) -> None:
    """Mark an account as waiting for verification."""
    world.store.put(_UNVERIFIED, {"id": method["id"]})


def is_verified(world: World, method: Fields) -> bool:
    return world.store.get(_UNVERIFIED, method["id"]) is None


def verify(world: World, method: Fields, params: Fields) -> None:
    """Verify an account by the amounts or the code on its statement. Raise `Problem` (400)."""
    amounts, code = params.get("amounts"), params.get("descriptor_code")
    if amounts is None and code is None:
        raise parameter_missing("amounts")
    seen = code or ",".join(str(amount) for amount in sorted(amounts or []))
    kind = "descriptor_code_mismatch" if code else "amounts_mismatch"
    problem = _OUTCOMES.get(seen, f"{_CODE}{kind}")
    if problem is not None:
        raise _refused(problem)
    world.store.remove(_UNVERIFIED, method["id"])


def _refused(code: str) -> Problem:
    return invalid_request("The account could not be verified with these microdeposits.", code=code)
