"""Likeness: whether an object of Stripe's can be what came of a call, judged by what was asked.

A person, or a search, says "the held call made pi_1". An object that differs for certain in anything
that was asked is refused. What can neither be confirmed nor excluded is a doubt: a person has to
accept it by name. So the comparison has three results, and Stripe's own changes to a value (case,
expanded objects, numbers as text, defaults, what a later step changes) never end in a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stripe_flows.engine.masking import masked_object
from stripe_flows.engine.redact import redact
from stripe_flows.engine.types import JSONObject, JSONValue

from .catalog import Operation
from .fields import fields_of
from .form import form_text, says_nothing
from .money import written
from .prefixes import PREFIXES, kind_of
from .retrieval import makes, own_id
from .sameness import plain_text, verdict_of
from .weights import (
    ALWAYS_SHOWN,
    NEVER_SHOWN,
    REFERENCES,
    TEXTS,
    identifies,
    is_certain,
    is_leaf_certain,
    is_money,
    matters_unseen,
)

CLOCKS = 60.0
"""Seconds by which Stripe's clock and the journal's may differ."""

NEARLY = 2.0
"""Seconds by which they differ in a well-kept house, with what Stripe rounds a time to. An object that
is older than the call by more, and by less than CLOCKS, is a doubt: somebody may have made one just
before."""

ON_ITS_WAY = 3600.0
"""Seconds for which a request may still be on its way to Stripe after its attempt ended."""

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
    """A call as it was asked.

    `path` is the request's path, None if it is not known. `live`: the mode of its Stripe key, None
    if it is not known. `first` and `last`: its first and last sending in Unix seconds; None: not
    known, or it is still being sent. `same_key`: whether the object was read with the same key.
    """

    operation: Operation
    request: JSONObject
    path: str | None = None
    live: bool | None = None
    first: float | None = None
    last: float | None = None
    same_key: bool = True


@dataclass(frozen=True)
class Doubt:
    """What can neither be confirmed nor excluded, by name, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


@dataclass(frozen=True)
class Difference:
    """What differs for certain: its name, and the two values in one sentence for people."""

    name: str
    said: str


@dataclass(frozen=True)
class Likeness:
    """The result of a comparison.

    `compared`: what fits, by name. `differences`: what differs for certain; one is enough to refuse
    the object. `doubts`: what a person has to accept. `unseen`: parameters without weight that the
    object shows in another form, or not at all.
    """

    compared: tuple[str, ...]
    differences: tuple[Difference, ...]
    doubts: tuple[Doubt, ...]
    unseen: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The differences as one line for people; it may show what a customer typed."""
        return "; ".join(difference.said for difference in self.differences)


def kind_fault(operation: Operation, object_id: str) -> str | None:
    """Return what is wrong with an id that plainly is of another kind than the operation answers with.

    Only for kinds whose ids Stripe always names itself; the id of a product may be the merchant's.
    """
    expected = [_KIND_WORDS.get(kind) for kind in operation.answers.split("|")]
    prefix, found = kind_of(object_id)
    if prefix is None or None in expected or found in expected:
        return None
    if any(word in _OWN_IDS for word in expected):
        return None
    if "payment method" in expected and found in ("card", "bank account", "source"):
        return None  # those of before payment methods are still accepted where one is
    kinds = [word for word in expected if word is not None]
    listed = " or ".join(f"{_a(word)} ({PREFIXES[word][0]}…)" for word in kinds)
    return f"{object_id} is the id of {_a(found)}; {operation.name} answers with {listed}"


def id_fault(operation: Operation, path: str, object_id: str) -> str | None:
    """Return what is wrong with an id that is not the one in the call's own path."""
    wanted = own_id(operation, path)
    if wanted is None or wanted == object_id:
        return None
    return f"the call is about {wanted}, not about {object_id}"


def foresee(operation: Operation, request: JSONObject) -> tuple[Doubt, ...]:
    """Return the doubts that will be left, as far as the call alone tells.

    A person can be asked about them before the object is retrieved.
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
            doubts.append(Doubt(name, f"{_a(kind)} does not show it"))
        weighs = weighs or (there and (identifies(name) or not makes(operation)))
    if makes(operation):
        if not shown & {*_CREATED}:
            doubts.append(Doubt(WHEN, f"{_a(kind)} does not show it"))
        if not weighs:
            doubts.append(_which(kind))
    elif operation.verb == "update":
        if not weighs:
            doubts.append(_whether(operation))
    elif operation.verb != "delete" and operation.verb not in _DONE:
        doubts.append(_whether(operation))
    return tuple(doubts)


def compare(asked: Asked, found: JSONObject, object_id: str) -> Likeness:
    """Return what of an object fits the call, what differs for certain, and what is in doubt.

    `found` is the object as Stripe shows it now, `object_id` the id that it was asked for by.
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
"""Where an object shows when it was made; an invoice item has a `date`."""

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
"""Verbs, and the statuses by which an object shows that they were carried out."""

_OWN_IDS = frozenset({"product", "price"})
_KIND_WORDS = {kind.lower().replace(" ", "_"): kind for kind in PREFIXES} | {
    "checkout.session": "checkout session",
    "invoiceitem": "invoice item",
    "test_helpers.test_clock": "test clock",
}


@dataclass
class _Comparison:
    """One comparison, and what it has found so far."""

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
        """Whether the object shows what was asked: not after a verb such as `capture`, whose amount
        is another one than the object's, nor where Stripe turns the sign of amounts."""
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
            listed = " or ".join(_a(_word(one)) for one in wanted.split("|"))
            is_ = f"{self.object_id} is {_a(_word(shown))}"
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
        """Compare whether a verb on an existing object was carried out."""
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
        for name in sorted(self.asked.request, key=lambda one: (not is_money(one), one)):
            value = self.asked.request[name]
            if not says_nothing(value):
                self.parameter(name, value)

    def parameter(self, name: str, value: JSONValue) -> None:
        if name not in self.found or name in NEVER_SHOWN:
            self.not_shown(name, f"{_a(self.word)} does not show it")
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
        """Compare one value. `top` is the parameter, `path` where in it the value stands."""
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
        """Compare a list: each member that was asked has to be there, in any order."""
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
            self.doubt(WHEN, f"{_a(self.word)} does not show it")
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
        """Whether the object may live in another time: it, or its customer, which does not show it."""
        if "test_clock" in self.found:
            return self.found["test_clock"] is not None
        return self.found.get("customer") is not None

    def weight(self) -> None:
        """Doubt an object that nothing of what was asked tells from others."""
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
                return  # it is said beside the amount
            said = f"{self.object_id} is in {_upper(shown)}; the call asked for {_upper(value)}"
        else:
            said = _contrast(path, value, shown)
        self.differences.append(Difference(top, said))


def _contrast(path: str, value: JSONValue, shown: JSONValue) -> str:
    leaf = path.rpartition(".")[2]
    is_ = f"is {_quoted(shown, leaf)}" if shown is not None else "is not set"
    return f"its {path} {is_}; the call asked for {_quoted(value, leaf)}"


def _quoted(value: JSONValue, name: str = "") -> str:
    """A value for people; `name` is its parameter, which may be one that no record keeps."""
    value = masked_object({name: value})[redact(name)]
    if isinstance(value, dict):
        value = value.get("id") if isinstance(value.get("id"), str) else "an object"
    text = form_text(value) if isinstance(value, bool | int | float) else str(value)
    return f"{text[:57]}…" if len(text) > 60 else text or "empty"


def _upper(value: JSONValue) -> str:
    return value.upper() if isinstance(value, str) else "no currency"


def _which(kind: str) -> Doubt:
    return Doubt(WHICH, f"the call asked for nothing that tells {_a(kind)} from another")


def _whether(operation: Operation, status: JSONValue = None) -> Doubt:
    if isinstance(status, str) and operation.verb in _DONE:
        return Doubt(WHETHER, f"its status is {status}")
    verb = operation.verb.replace("_", " ")
    return Doubt(WHETHER, f"{_a(_word(operation.answers))} does not show the {verb}")


def _word(kind: str) -> str:
    one = kind.partition("|")[0]
    return _KIND_WORDS.get(one, one.rpartition(".")[2].replace("_", " "))


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _utc(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
