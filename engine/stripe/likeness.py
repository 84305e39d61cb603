"""Likeness: compare an object of Stripe's with the call that may have made it.

A person says "the held call made pi_1". The object is refused if it surely differs from the request.
If something can neither be confirmed nor excluded, it is a doubt, which a person has to accept by
name. Stripe's own changes to a value (case, expanded objects, numbers as strings, defaults, changes
by later steps) never count as a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stripe_flows.engine.masking import masked_object
from stripe_flows.engine.redact import redact
from stripe_flows.engine.types import JSONObject, JSONValue

from .amount_text import written
from .catalog import Operation
from .fields import fields_of
from .form import form_text, says_nothing
from .prefixes import PREFIXES, kind_of, with_article
from .retrieval import makes, own_id
from .value_comparison import plain_text, verdict_of
from .weights import (
    ALWAYS_SHOWN,
    NEVER_SHOWN,
    REFERENCES,
    TEXTS,
    identifies,
    is_amount,
    is_certain,
    is_leaf_certain,
    matters_unseen,
)

CLOCKS = 60.0
"""The most seconds by which Stripe's clock and the journal's may differ."""

NEARLY = 2.0
"""The seconds by which well-kept clocks differ, Stripe's rounding included. An object that is older
than the call by more than this, but not by CLOCKS, is a doubt: it may have been made just before."""

ON_ITS_WAY = 3600.0
"""The most seconds that a request may travel to Stripe after its attempt has ended."""

WHICH, WHEN, WHETHER, ACCOUNT, MAKER = (
    "which one it is",
    "the time of creation",
    "whether it was carried out",
    "the account",
    "who else made it",
)
"""The names of doubts that are not about one parameter."""


@dataclass(frozen=True)
class Asked:
    """The call that is compared, as it was sent."""

    operation: Operation
    request: JSONObject
    path: str | None = None
    """The path of the request; None if it is not known."""
    live: bool | None = None
    """The mode of its Stripe key; None if it is not known."""
    first: float | None = None
    """Its first sending in Unix seconds; None if it is not known."""
    last: float | None = None
    """Its last sending in Unix seconds; None if it is not known, or not over."""
    same_key: bool = True
    """The object was retrieved with the key that the call was sent with."""


@dataclass(frozen=True)
class Doubt:
    """A point that can neither be confirmed nor excluded."""

    name: str
    """The parameter, or one of `WHICH`, `WHEN`, `WHETHER`, `ACCOUNT` and `MAKER`."""
    why: str
    """The reason, for people."""

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


@dataclass(frozen=True)
class Difference:
    """A point in which the object surely differs."""

    name: str
    said: str
    """Both values in one sentence for people."""


@dataclass(frozen=True)
class Likeness:
    """The result of a comparison."""

    compared: tuple[str, ...]
    """The names of all that fits."""
    differences: tuple[Difference, ...]
    """One is enough to refuse the object."""
    doubts: tuple[Doubt, ...]
    """A person has to accept each."""
    unseen: tuple[str, ...]
    """Parameters without weight that the object shows in another form, or not at all."""

    @property
    def reason(self) -> str:
        """The differences in one line for people; it may show customers' data."""
        return "; ".join(difference.said for difference in self.differences)


def kind_fault(operation: Operation, object_id: str) -> str | None:
    """Return the fault of an id of another kind of object than the operation answers with.

    It checks only kinds whose ids Stripe chooses: the id of a product may be the merchant's.
    """
    expected = [_KIND_WORDS.get(kind) for kind in operation.answers.split("|")]
    prefix, found = kind_of(object_id)
    if prefix is None or None in expected or found in expected:
        return None
    if any(word in _OWN_IDS for word in expected):
        return None
    if "payment method" in expected and found in ("card", "bank account", "source"):
        return None  # Stripe still accepts them as payment methods
    kinds = [word for word in expected if word is not None]
    listed = " or ".join(f"{with_article(word)} ({PREFIXES[word][0]}…)" for word in kinds)
    return f"{object_id} is the id of {with_article(found)}; {operation.name} answers with {listed}"


def id_fault(operation: Operation, path: str, object_id: str) -> str | None:
    """Return the fault of an id that is not the one in the call's own path."""
    wanted = own_id(operation, path)
    if wanted is None or wanted == object_id:
        return None
    return f"the call is about {wanted}, not about {object_id}"


def foresee(operation: Operation, request: JSONObject) -> tuple[Doubt, ...]:
    """Return the doubts that are sure to be left, before the object is retrieved.

    So a person can be asked about them at once.
    """
    shown = fields_of(operation.answers)
    if shown is None:
        return ()
    kind = _word(operation.answers)
    doubts = []
    weighs = False
    for name, value in request.items():
        if says_nothing(value):
            continue
        there = name in shown and name not in NEVER_SHOWN
        if not there and matters_unseen(name):
            doubts.append(Doubt(name, f"{with_article(kind)} does not show it"))
        weighs = weighs or (there and (identifies(name) or not makes(operation)))
    if makes(operation):
        if not shown & {*_CREATED}:
            doubts.append(Doubt(WHEN, f"{with_article(kind)} does not show it"))
        if not weighs:
            doubts.append(_which(kind))
    elif operation.verb == "update":
        if not weighs:
            doubts.append(_whether(operation))
    elif operation.verb != "delete" and operation.verb not in _DONE:
        doubts.append(_whether(operation))
    return tuple(doubts)


def compare(asked: Asked, found: JSONObject, object_id: str) -> Likeness:
    """Compare an object with a call.

    `found` is the object as Stripe shows it now, `object_id` the id by which it was retrieved.
    """
    comparison = _Comparison(asked, found, object_id)
    comparison.kind()
    comparison.identity()
    comparison.mode()
    comparison.account()
    comparison.deed()
    comparison.parameters()
    comparison.time()
    comparison.weight()
    unseen = dict.fromkeys(comparison.unseen)
    return Likeness(
        compared=tuple(dict.fromkeys(comparison.compared)),
        differences=tuple(comparison.differences),
        doubts=tuple(comparison.doubts.values()),
        unseen=tuple(name for name in unseen if name not in comparison.compared),
    )


_CREATED = ("created", "date")
"""The fields that show when an object was made; an invoice item has a `date`."""

_DONE: Mapping[str, frozenset[str]] = {
    "accept": frozenset({"accepted"}),
    "activate": frozenset({"active"}),
    "archive": frozenset({"archived"}),
    "cancel": frozenset({"canceled"}),
    "capture": frozenset({"succeeded"}),
    "deactivate": frozenset({"inactive"}),
    "expire": frozenset({"expired"}),
    "finalize": frozenset({"open", "paid", "uncollectible", "void", "accepted"}),
    "mark_uncollectible": frozenset({"uncollectible"}),
    "pay": frozenset({"paid"}),
    "reactivate": frozenset({"active"}),
    "release": frozenset({"released"}),
    "void": frozenset({"void"}),
}
"""Verbs, and the statuses that show that they were carried out."""

_OWN_IDS = frozenset({"product", "price"})
_KIND_WORDS = {kind.lower().replace(" ", "_"): kind for kind in PREFIXES} | {
    "checkout.session": "checkout session",
    "invoiceitem": "invoice item",
    "test_helpers.test_clock": "test clock",
}


@dataclass
class _Comparison:
    """One comparison and its findings so far."""

    asked: Asked
    found: JSONObject
    object_id: str
    compared: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)

    @property
    def operation(self) -> Operation:
        return self.asked.operation

    @property
    def word(self) -> str:
        shown = self.found.get("object")
        return _word(shown if isinstance(shown, str) else self.operation.answers)

    @property
    def strict(self) -> bool:
        """Return whether the object has to show the request's own values.

        Not after a verb such as `capture`, whose amount is not the object's, and not if Stripe
        reverses the sign of amounts.
        """
        kind = self.operation.answers
        return (makes(self.operation) or self.operation.verb == "update") and not kind.startswith(
            ("issuing.", "treasury.")
        )

    def kind(self) -> None:
        shown, wanted = self.found.get("object"), self.operation.answers
        if not isinstance(shown, str):
            return
        if shown in wanted.split("|"):
            self.compared.append("kind")
        else:
            listed = " or ".join(with_article(_word(one)) for one in wanted.split("|"))
            is_ = f"{self.object_id} is {with_article(_word(shown))}"
            said = f"{is_}; {self.operation.name} answers with {listed}"
            self.differences.append(Difference("kind", said))

    def identity(self) -> None:
        if self.asked.path is None:
            return
        fault = id_fault(self.operation, self.asked.path, self.object_id)
        if fault is not None:
            self.differences.append(Difference("id", fault))
        elif own_id(self.operation, self.asked.path) is not None:
            self.compared.append("id")

    def mode(self) -> None:
        shown = self.found.get("livemode")
        if self.asked.live is None or not isinstance(shown, bool):
            return
        if shown is self.asked.live:
            self.compared.append("mode")
        else:
            modes = {True: "live", False: "test"}
            said = (
                f"{self.object_id} is of {modes[shown]} mode; the call's key is of "
                f"{modes[self.asked.live]} mode"
            )
            self.differences.append(Difference("mode", said))

    def account(self) -> None:
        if self.asked.same_key:
            self.compared.append(ACCOUNT)
        else:
            self.doubt(ACCOUNT, "the Stripe key was replaced since the call was sent")

    def deed(self) -> None:
        """Check whether a verb on an existing object was carried out."""
        verb, status = self.operation.verb, self.found.get("status")
        if makes(self.operation) or verb == "update":
            return
        if verb == "delete":
            if self.found.get("deleted") is True:
                self.compared.append(WHETHER)
            elif self.found.get("object") is not None:
                said = f"{self.object_id} has not been deleted"
                self.differences.append(Difference(WHETHER, said))
        elif isinstance(status, str) and status in _DONE.get(verb, ()):
            self.compared.append("status")
        else:
            self.doubts[WHETHER] = _whether(self.operation, status)

    def parameters(self) -> None:
        if self.found.get("deleted") is True and self.operation.verb == "delete":
            return
        for name in sorted(self.asked.request, key=lambda one: (not is_amount(one), one)):
            value = self.asked.request[name]
            if not says_nothing(value):
                self.parameter(name, value)

    def parameter(self, name: str, value: JSONValue) -> None:
        if name not in self.found or name in NEVER_SHOWN:
            self.not_shown(name, f"{with_article(self.word)} does not show it")
            return
        shown = self.found[name]
        if name == "metadata" and isinstance(value, dict):
            self.metadata(value, shown)
        elif isinstance(value, list):
            self.members(name, value, shown)
        elif isinstance(value, dict):
            self.nested(name, value, shown)
        else:
            self.single(name, name, value, shown)

    def single(self, top: str, path: str, value: JSONValue, shown: JSONValue) -> None:
        """Compare one value. `top` is the parameter, `path` the place of the value in it."""
        leaf = path.rpartition(".")[2]
        certain = self.strict and (is_certain(leaf) if path == top else is_leaf_certain(leaf))
        if shown is None and self.strict and path in ALWAYS_SHOWN and value != "":
            self.differ(top, path, value, shown)
            return
        verdict = verdict_of(leaf, value, shown)
        if verdict == "same":
            self.compared.append(top)
        elif verdict == "unclear":
            if certain and leaf in TEXTS | REFERENCES:
                self.doubt(top, _contrast(path, value, shown))
            else:
                self.not_shown(top, _contrast(path, value, shown))
        elif certain:
            self.differ(top, path, value, shown)
        else:
            self.doubt(top, _contrast(path, value, shown))

    def nested(self, top: str, value: JSONObject, shown: JSONValue, path: str = "") -> None:
        path = path or top
        if not isinstance(shown, dict):
            self.not_shown(top, "the object shows it in another form")
            return
        for name, member in value.items():
            inner = f"{path}.{name}"
            if says_nothing(member):
                continue
            if name not in shown:
                self.unseen.append(inner)
            elif isinstance(member, dict):
                self.nested(top, member, shown[name], inner)
            elif isinstance(member, list):
                self.unseen.append(inner)
            else:
                self.single(top, inner, member, shown[name])

    def metadata(self, value: JSONObject, shown: JSONValue) -> None:
        if not isinstance(shown, dict):
            self.doubt("metadata", "the object shows none")
            return
        for key, member in value.items():
            there = shown.get(key)
            wanted = form_text(member) if isinstance(member, bool | int | float | str) else ""
            if member is None:
                continue
            if plain_text(wanted) == plain_text(there if isinstance(there, str) else ""):
                self.compared.append("metadata")
            else:
                said = _contrast(f"metadata {_quoted(key)}", wanted, there)
                self.differences.append(Difference("metadata", said))

    def members(self, name: str, value: list[JSONValue], shown: JSONValue) -> None:
        """Compare a list: each member of the request has to be there, in any order."""
        listed = shown.get("data") if isinstance(shown, dict) else shown
        whole = not (isinstance(shown, dict) and shown.get("has_more"))
        if not isinstance(listed, list) or not listed or not whole:
            self.not_shown(name, "the object does not show all of it")
            return
        for member in value:
            if says_nothing(member):
                continue
            if not isinstance(member, dict):
                verdicts = {verdict_of(name, member, one) for one in listed}
                if "same" in verdicts:
                    self.compared.append(name)
                elif verdicts == {"other"}:
                    self.doubt(name, f"{_quoted(member)} is not among them")
                else:
                    self.unseen.append(name)
                continue
            best = min(
                (self.member(name, member, one) for one in listed),
                key=lambda one: (len(one.differences), len(one.doubts), -len(one.compared)),
            )
            self.differences += best.differences
            self.doubts |= best.doubts
            self.compared += best.compared
            self.unseen += best.unseen
            if not (best.compared or best.differences or best.doubts):
                self.not_shown(name, "the object shows them in another form")

    def member(self, name: str, value: JSONObject, shown: JSONValue) -> _Comparison:
        alone = _Comparison(self.asked, self.found, self.object_id)
        alone.nested(name, value, shown, name)
        if "price_data" in value:
            alone.not_shown(name, "a price that was made for it is not shown as it was asked")
        return alone

    def time(self) -> None:
        """Compare when the object was made with when the call was sent."""
        if not makes(self.operation):
            return
        created = next((self.found[name] for name in _CREATED if name in self.found), None)
        if not isinstance(created, int | float) or isinstance(created, bool):
            self.doubt(WHEN, f"{with_article(self.word)} does not show it")
            return
        first, last = self.asked.first, self.asked.last
        if first is None:
            self.doubt(WHEN, "the journal does not know when the call was first sent")
            return
        if first - NEARLY <= created and (last is None or created <= last + ON_ITS_WAY):
            self.compared.append(WHEN)
            return
        early = created < first
        sent = (
            f"first sent at {_utc(first)}"
            if early or last is None
            else f"last sent at {_utc(last)}"
        )
        said = f"{self.object_id} was made at {_utc(created)}; the call was {sent}"
        if self.found.get("livemode") is not True and self.may_be_on_a_test_clock():
            self.doubt(WHEN, f"{said}, and a test clock has a time of its own")
        elif first - CLOCKS <= created < first:
            self.doubt(WHEN, f"{said}; clocks may differ that much")
        else:
            self.differences.append(Difference(WHEN, said))

    def may_be_on_a_test_clock(self) -> bool:
        """Return whether the object, or its customer, may be on a test clock."""
        if "test_clock" in self.found:
            return self.found["test_clock"] is not None
        return self.found.get("customer") is not None

    def weight(self) -> None:
        """Add a doubt if nothing in the request tells the object from others."""
        if makes(self.operation):
            if not self.differences and not any(map(identifies, self.compared)):
                self.doubts.setdefault(WHICH, _which(self.word))
        elif self.operation.verb == "update" and not (
            self.differences or {*self.compared, *self.doubts} & {*self.asked.request}
        ):
            self.doubts.setdefault(WHETHER, _whether(self.operation))

    def not_shown(self, name: str, why: str) -> None:
        if matters_unseen(name):
            self.doubt(name, why)
        else:
            self.unseen.append(name)

    def doubt(self, name: str, why: str) -> None:
        self.doubts.setdefault(name, Doubt(name, why))

    def differ(self, top: str, path: str, value: JSONValue, shown: JSONValue) -> None:
        leaf = path.rpartition(".")[2]
        request, found = self.asked.request, self.found
        if leaf == "amount" and path == top:
            is_, was = (
                written(shown, found.get("currency")),
                written(value, request.get("currency")),
            )
            said = f"{self.object_id} is of {is_}; the call asked for {was}"
        elif path == top == "currency":
            if any(one.name == "amount" for one in self.differences):
                return  # the difference in the amount says it
            said = f"{self.object_id} is in {_upper(shown)}; the call asked for {_upper(value)}"
        else:
            said = _contrast(path, value, shown)
        self.differences.append(Difference(top, said))


def _contrast(path: str, value: JSONValue, shown: JSONValue) -> str:
    leaf = path.rpartition(".")[2]
    is_ = f"is {_quoted(shown, leaf)}" if shown is not None else "is not set"
    return f"its {path} {is_}; the call asked for {_quoted(value, leaf)}"


def _quoted(value: JSONValue, name: str = "") -> str:
    """Format a value for people; `name` is its parameter, which may have to be masked."""
    value = masked_object({name: value})[redact(name)]
    if isinstance(value, dict):
        value = value.get("id") if isinstance(value.get("id"), str) else "an object"
    text = form_text(value) if isinstance(value, bool | int | float) else str(value)
    return f"{text[:57]}…" if len(text) > 60 else text or "empty"


def _upper(value: JSONValue) -> str:
    return value.upper() if isinstance(value, str) else "no currency"


def _which(kind: str) -> Doubt:
    return Doubt(WHICH, f"the call asked for nothing that tells {with_article(kind)} from another")


def _whether(operation: Operation, status: JSONValue = None) -> Doubt:
    if isinstance(status, str) and operation.verb in _DONE:
        return Doubt(WHETHER, f"its status is {status}")
    verb = operation.verb.replace("_", " ")
    return Doubt(WHETHER, f"{with_article(_word(operation.answers))} does not show the {verb}")


def _word(kind: str) -> str:
    one = kind.partition("|")[0]
    return _KIND_WORDS.get(one, one.rpartition(".")[2].replace("_", " "))


def _utc(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
