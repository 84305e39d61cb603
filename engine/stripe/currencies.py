"""Currencies and how Stripe writes their amounts (Stripe's document "Supported currencies").

An amount is an integer in the smallest unit that the API has for a currency: cents for most of them,
the unit itself for some, thousandths for a few. This is the one place that knows which.
"""

from __future__ import annotations

import re
from typing import Literal

from stripe_flows.engine.types import JSONObject, JSONValue

LISTED = (
    "usd, aed, afn, all, amd, ang, aoa, ars, aud, awg, azn, bam, bbd, bdt, bgn, bhd, bif, bmd, "
    "bnd, bob, brl, bsd, bwp, byn, bzd, cad, cdf, chf, clp, cny, cop, crc, cve, czk, djf, dkk, "
    "dop, dzd, egp, etb, eur, fjd, fkp, gbp, gel, ghs, gip, gmd, gnf, gtq, gyd, hkd, hnl, hrk, "
    "htg, huf, idr, ils, inr, isk, jmd, jod, jpy, kes, kgs, khr, kmf, krw, kwd, kyd, kzt, lak, "
    "lbp, lkr, lrd, lsl, mad, mdl, mga, mkd, mmk, mnt, mop, mur, mvr, mwk, mxn, myr, mzn, nad, "
    "ngn, nio, nok, npr, nzd, omr, pab, pen, pgk, php, pkr, pln, pyg, qar, ron, rsd, rub, rwf, "
    "sar, sbd, scr, sek, sgd, shp, sle, sll, sos, srd, std, svc, szl, thb, tjs, tnd, top, try, "
    "ttd, twd, tzs, uah, ugx, usdb, usdc, uyu, uzs, vef, vnd, vuv, wst, xaf, xcd, xcg, xof, xpf, "
    "yer, zar, zmw"
)
"""The currencies in the order of Stripe's message about an unknown one."""

CURRENCIES = frozenset(LISTED.split(", "))

ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
     "xof", "xpf"}
)  # fmt: skip
"""Currencies whose amounts are in whole units ("Zero-decimal currencies"). Stripe's list has ugx too,
but its special case wins: see WHOLE_UNITS."""

THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
"""Currencies in thousandths, of which the last digit has to be 0 ("Three-decimal currencies")."""

WHOLE_UNITS = frozenset({"isk", "ugx"})
"""Currencies without fractions whose amounts are in hundredths all the same ("Special cases"): 5 isk
is 500."""

WHOLE_PAYOUTS = frozenset({"huf", "twd"})
"""Currencies that are charged in hundredths, but paid out in whole units only ("Special cases")."""

_MONEY = re.compile(r"(?:.*_)?amounts?(?:_[a-z_]+)?|application_fee|balance|unit_cost")
_STEP = re.compile(r"[^.\[\]]+")
_BY_CURRENCY = ("currency_options", "tipping")
"""Parameters that are maps by currency."""


def is_money(path: str) -> bool:
    """Return whether the integer parameter at this path is an amount of money."""
    names = [step for step in _STEP.findall(path) if not step.isdigit()]
    return bool(names) and _MONEY.fullmatch(names[-1]) is not None


def currency_at(request: JSONObject, path: str) -> str | None:
    """Return the currency of the amount at `path`, in lower case; None if the request does not say it.

    The nearest one counts: that of the line, then that of the call.
    """
    found: JSONValue = request.get("currency")
    value: JSONValue = request
    before = ""
    for step in _STEP.findall(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            break
        if isinstance(value, dict) and "currency" in value:
            found = value["currency"]
        elif before in _BY_CURRENCY:
            found = step
        before = step
    known = found.lower() if isinstance(found, str) else ""
    return known if known in CURRENCIES else None


def smallest_unit(currency: str | None) -> str:
    """Name the unit of an amount for people."""
    if currency is None:
        return "the smallest unit of the currency, such as cents"
    return f"the smallest unit of {currency}"


def integer_advice(
    currency: str | None, given: Literal["float", "string"], *, payout: bool = False
) -> str:
    """Explain how a script makes an amount from a float (or from a string or a Decimal).

    The explanation is an example with its code, in the currency if that is known.
    """
    decimal = given == "string"

    def number(written: str) -> str:
        return f'Decimal("{written}")' if decimal else written

    cents, units = f"round({number('19.99')} * 100)", f"round({number('1999.0')})"
    already = (
        f"an amount in that unit already needs {'round(Decimal(…))' if decimal else 'round(…)'}"
    )
    if currency is None:
        said = f"{already} alone; 19.99 of a currency with two decimals is {cents}, "
        said += f"1999 of one without, such as jpy, is {units}"
    elif currency in ZERO_DECIMAL:
        said = f"1999 {currency} is 1999, written {units}, since it has no decimals"
    elif currency in WHOLE_UNITS:
        said = f"1999 {currency} is 199900, written {units} * 100, since it has no fractions"
    elif payout and currency in WHOLE_PAYOUTS:
        said = (
            f"1999 {currency} is 199900, written {units} * 100, since it is paid out in whole units"
        )
    elif currency in THREE_DECIMAL:
        said = f"19.99 {currency} is 19990, written {cents} * 10: thousandths that end with 0"
    else:
        said = f"19.99 {currency} is 1999, written {cents}; {already} alone"
    imported = "; first: from decimal import Decimal" if decimal else ""
    return f"{said}; a half is rounded to the even number{imported}"
