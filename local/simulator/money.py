"""Amounts and currencies: what Stripe refuses of them (Stripe's document "Supported currencies")."""

from __future__ import annotations

from stripe_flows.local.simulator.problems import at_least, invalid_request
from stripe_flows.local.simulator.values import Fields

_LISTED = (
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
CURRENCIES = frozenset(_LISTED.split(", "))
MAX_AMOUNT = 99_999_999

# Currencies of small units take more digits.
_MAXIMUM = {"cop": 10**10 - 1, "idr": 10**12 - 1, "inr": 10**9 - 1}

# The least that is charged, in the smallest unit; other currencies are not checked.
_MINIMUM = {
    "aed": 200, "ars": 50, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "cop": 50,
    "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "idr": 50, "ils": 50,
    "inr": 50, "jpy": 50, "krw": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "php": 50,
    "pln": 200, "ron": 200, "rub": 50, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50, "zar": 50,
}  # fmt: skip
_SIGNS = {"eur": "€", "gbp": "£", "inr": "₹", "jpy": "¥", "usd": "$"}
_WITHOUT_CENTS = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
     "xof", "xpf"}
)  # fmt: skip


def read_currency(params: Fields) -> str:
    """The currency in lower case. Raises `Problem` for what Stripe charges nothing in."""
    currency: str = params["currency"]
    if currency.lower() not in CURRENCIES:
        raise invalid_request(
            f"Invalid currency: {currency.lower()}. Stripe currently supports these currencies: "
            + _LISTED,
            param="currency",
        )
    return currency.lower()


def least_charge(currency: str) -> int:
    """The least that is charged, in the smallest unit."""
    return _MINIMUM.get(currency, 1)


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raises `Problem` for an amount that Stripe would not charge; in the smallest unit."""
    if amount < 1:
        raise at_least(1, param)
    most = _MAXIMUM.get(currency, MAX_AMOUNT)
    if amount > most:
        raise invalid_request(
            f"Amount must be no more than {shown_amount(most, currency)}",
            code="amount_too_large",
            param=param,
        )
    least = least_charge(currency)
    if amount < least:
        raise invalid_request(
            f"Amount must be at least {shown_amount(least, currency)}",
            code="amount_too_small",
            param=param,
        )


def shown_amount(amount: int, currency: str) -> str:
    """An amount for people: `$0.50 usd`."""
    sign = _SIGNS.get(currency, "")
    if currency in _WITHOUT_CENTS:
        return f"{sign}{amount} {currency}"
    return f"{sign}{amount // 100:,}.{amount % 100:02} {currency}"
