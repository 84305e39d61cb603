"""Stripe's test bank accounts, by name and by number, and the result of a debit with each.

Source: Stripe's document "Testing" (ACH Direct Debit, SEPA Direct Debit). An account that is not
listed pays.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from stripe_flows.simulator.objects.timers import LATER, SOON
from stripe_flows.simulator.problems import Problem, invalid_request

from .cards import fingerprint


@dataclass(frozen=True)
class BankAccount:
    """A test account.

    `failure`: error code of the payment, None if it pays. `after`: seconds until the result, None
    for never. `disputed`: disputed right after the payment.
    """

    kind: str
    number: str
    failure: str | None = None
    after: float | None = SOON
    disputed: bool = False


_ROUTING = "110000000"
_US = {
    "success": BankAccount("us_bank_account", "000123456789"),
    "accountClosed": BankAccount("us_bank_account", "000111111113", "account_closed"),
    "noAccount": BankAccount("us_bank_account", "000111111116", "no_account"),
    "insufficientFunds": BankAccount("us_bank_account", "000222222227", "insufficient_funds"),
    "debitNotAuthorized": BankAccount("us_bank_account", "000333333335", "debit_not_authorized"),
    "invalidCurrency": BankAccount("us_bank_account", "000444444440", "invalid_currency"),
    "failMicrodeposits": BankAccount("us_bank_account", "000666666661"),
    "dispute": BankAccount("us_bank_account", "000555555559", disputed=True),
    "processing": BankAccount("us_bank_account", "000000000009", after=None),
    "weeklyLimitExceeded": BankAccount(
        "us_bank_account", "000777777771", "charge_exceeds_source_limit"
    ),
}
_SCENARIOS = {
    "success": BankAccount("sepa_debit", ""),
    "successDelayed": BankAccount("sepa_debit", "", after=LATER),
    "failed": BankAccount("sepa_debit", "", "payment_intent_payment_attempt_failed"),
    "failedDelayed": BankAccount(
        "sepa_debit", "", "payment_intent_payment_attempt_failed", after=LATER
    ),
    "disputed": BankAccount("sepa_debit", "", disputed=True),
    "exceedsWeeklyVolumeLimit": BankAccount("sepa_debit", "", "charge_exceeds_source_limit"),
    "exceedsWeeklyTransactionLimit": BankAccount("sepa_debit", "", "charge_exceeds_weekly_limit"),
    "insufficientFunds": BankAccount("sepa_debit", "", "insufficient_funds"),
}
# Numbers are in the order of the scenarios.
_IBANS = {
    "at": "AT611904300234573201 AT321904300235473204 AT861904300235473202 AT051904300235473205 "
    "AT591904300235473203 AT981904300000343434 AT601904300000121212 AT981904300002222227",
    "be": "BE62510007547061 BE78510007547064 BE68539007547034 BE51510007547065 BE08510007547063 "
    "BE90510000343434 BE52510000121212 BE90510002222227",
    "de": "DE89370400440532013000 DE08370400440532013003 DE62370400440532013001 "
    "DE78370400440532013004 DE35370400440532013002 DE65370400440000343434 DE27370400440000121212 "
    "DE65370400440002222227",
    "fr": "FR1420041010050500013M02606 FR3020041010050500013M02609 FR8420041010050500013M02607 "
    "FR7920041010050500013M02600 FR5720041010050500013M02608 FR9720041010050000000343434 "
    "FR5920041010050000000121212 FR9720041010050000002222227",
    "ie": "IE29AIBK93115212345678 IE24AIBK93115212345671 IE02AIBK93115212345679 "
    "IE94AIBK93115212345672 IE51AIBK93115212345670 IE10AIBK93115200343434 IE69AIBK93115200121212 "
    "IE10AIBK93115202222227",
}
_REFUSED_ENDINGS = {
    "00055555": "sepa_debit_bank_not_supported",
    "00066666": "sepa_debit_debits_not_supported",
}


def _accounts() -> dict[str, BankAccount]:
    found = {f"pm_usBankAccount_{name}": account for name, account in _US.items()}
    for country, numbers in _IBANS.items():
        for (name, scenario), number in zip(_SCENARIOS.items(), numbers.split(), strict=True):
            account = BankAccount(
                scenario.kind, number, scenario.failure, scenario.after, scenario.disputed
            )
            found[f"pm_sepaDebit_{name}_{country}"] = account
    return found


_NAMED = MappingProxyType(_accounts())
_BY_FINGERPRINT = MappingProxyType({fingerprint(one.number): one for one in _NAMED.values()})


def named_account(name: str) -> BankAccount | None:
    """Return the account of a test payment method: `pm_usBankAccount_success`,
    `pm_sepaDebit_failed_de`.
    """
    return _NAMED.get(name)


def account_known_by(shown: dict[str, str | None], kind: str) -> BankAccount:
    """Return the test account of a stored payment method."""
    default = BankAccount(kind, "")
    return _BY_FINGERPRINT.get(shown.get("fingerprint") or "", default)


def shown_account(kind: str, number: str, routing: str = _ROUTING) -> dict[str, str | None]:
    """Return an account as a payment method shows it.

    Raise `Problem` (400) for a bank that does not support SEPA debits.
    """
    number = number.replace(" ", "")
    common: dict[str, str | None] = {"fingerprint": fingerprint(number), "last4": number[-4:]}
    if kind != "sepa_debit":
        return common | {"bank_name": "STRIPE TEST BANK", "routing_number": routing}
    for ending, code in _REFUSED_ENDINGS.items():
        if number.endswith(ending):
            raise _unsupported(code)
    return common | {"bank_code": number[4:12], "branch_code": "", "country": number[:2]}


def _unsupported(code: str) -> Problem:
    return invalid_request(
        "The account cannot be debited by SEPA Direct Debit.", code=code, param="sepa_debit[iban]"
    )
