"""Check the calls in a flow's text as a run would check them, as far as the text shows them.

Each call of a verb becomes the record that a run would leave, and goes through the same checks. A value
that only a run would know is not checked, so nothing right is ever refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from stripe_flows.engine.continuation import Continuations
from stripe_flows.engine.diagnose import wording
from stripe_flows.engine.diagnose.wording import OPTIONS, POSITIONAL
from stripe_flows.engine.sandbox.builders import CREATE, UNCHECKED, own_methods, request_text
from stripe_flows.engine.sandbox.call_checks import CallChecker
from stripe_flows.engine.sandbox.records import Recorded
from stripe_flows.engine.scope import Scope
from stripe_flows.engine.stripe.catalog import Catalog
from stripe_flows.engine.types import JSONObject, JSONValue

from .builder_chains import Chain, Chains, Setting
from .finding import Said
from .literal import UNKNOWN, Unknown, literal

_SCOPE = Scope(worker_id="default", context_id="check", params={})


@dataclass(frozen=True)
class Dispatch:
    """A place that calls a verb. `then` and `on_error` are UNKNOWN if the text does not show them."""

    node: ast.Attribute
    operation: str
    then: JSONValue | Unknown
    on_error: JSONValue | Unknown


class Calls:
    """Reads one text. `dispatches` are its calls, `said` are the mistakes in them."""

    def __init__(self, chains: Chains, catalog: Catalog, continuations: Continuations) -> None:
        self._chains = chains
        self._catalog = catalog
        self._continuations = continuations
        self._set_on: dict[str, dict[str, list[Setting]]] = {}
        self.said: list[Said] = []
        self.dispatches: list[Dispatch] = []
        for node in chains.nodes:
            if isinstance(node, ast.Attribute):
                self._attribute(node)
            elif isinstance(node, ast.Call):
                self._call(node)

    def _attribute(self, node: ast.Attribute) -> None:
        chain = self._chains.of(node.value)
        if chain is None or node.attr.startswith("_"):
            return
        if isinstance(node.ctx, ast.Store):
            # A name that is not a setter may be the script's own, or a setter mistyped.
            if node.attr in self._chains.setters(chain.builder):
                self.said.append(Said(node, wording.no_setting(node.attr)))
            else:
                message = wording.no_method(self._catalog, chain.builder, node.attr)
                self.said.append(Said(node, message, note=True))
        elif node.attr not in self._chains.setters(chain.builder) and (
            node.attr not in own_methods(chain.builder)
        ):
            message = wording.no_method(self._catalog, chain.builder, node.attr)
            self.said.append(Said(node, message))

    def _call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name):
            self._begin(node)
            return
        if not isinstance(node.func, ast.Attribute):
            return
        chain = self._chains.of(node.func.value)
        if chain is None:
            return
        verb = CREATE if node.func.attr == CREATE else node.func.attr.removesuffix("_async")
        if node.func.attr in self._chains.setters(chain.builder):
            self._setter(chain, node, node.func)
        elif node.func.attr in own_methods(chain.builder) and node.func.attr != UNCHECKED:
            self._dispatch(chain, verb, node, node.func)

    def _begin(self, node: ast.Call) -> None:
        chain = self._chains.of(node)
        if chain is None:
            return
        builder = chain.builder
        for keyword in node.keywords:
            if keyword.arg is not None:
                message = wording.no_keyword(self._catalog, builder, keyword.arg)
                self.said.append(Said(node, message))
        if node.args and not builder.takes_ids:
            self.said.append(Said(node, wording.no_ids(self._catalog, builder)))

    def _setter(self, chain: Chain, node: ast.Call, method: ast.Attribute) -> None:
        starred = any(isinstance(value, ast.Starred) for value in node.args)
        named = [keyword.arg for keyword in node.keywords]
        wrong = [name for name in named if name is not None and name != "value"]
        if wrong:
            self.said.append(Said(method, wording.no_named_value(method.attr, wrong[0])))
        elif not starred and not named and len(node.args) != 1:
            message = wording.one_value(self._catalog, chain.builder, method.attr, len(node.args))
            self.said.append(Said(method, message))

    def _dispatch(self, chain: Chain, verb: str, node: ast.Call, method: ast.Attribute) -> None:
        options = self._options(chain, node, method)
        names = chain.builder.verbs[verb]
        ids = chain.ids if chain.builder.takes_ids else ()
        operation = names.get(len(ids) if ids is not None else -1) or names[max(names)]
        then, on_error = options.get("then"), options.get("on_error")
        self.dispatches.append(Dispatch(method, operation, then, on_error))
        if ids is None:
            # The number of ids is not clear: assume the right one.
            written: list[JSONValue] = ["id"] * self._catalog.lines[operation].path.count("{")
        else:
            written = [_known(literal(value), self._standing_for(value, "id")) for value in ids]
        request, unchecked, places = self._request(chain, operation)
        if chain.begin is not None and chain.begin.args and not chain.builder.takes_ids:
            # Its parameters are in the wrong brackets, which was reported already.
            required = self._catalog.operations[operation].required
            request |= dict.fromkeys(required - request.keys(), "")
            unchecked |= required
        for keyword in (*node.keywords, *(chain.begin.keywords if chain.begin else ())):
            if keyword.arg is not None:  # meant as a parameter, and reported already
                request.setdefault(keyword.arg, "")
                unchecked.add(keyword.arg)
        own_key = any(keyword.arg == "idempotency_key" for keyword in node.keywords)
        record = Recorded(
            builder=chain.builder,
            verb=verb,
            ids=written,
            request=request,
            unknown=[setter.attr for setter in chain.misnamed],
            steps={name: step for step, name in enumerate(places, start=1)},
            unchecked=list(unchecked),
            step=0,
            number=0,
            line=None,
            worker_id=_known(options.get("worker_id"), None),
            context_id=_known(options.get("context_id"), None),
            secret=_known(options.get("stripe_secret"), None),
            params=_known(options.get("params"), None),
            then=_known(then, None),
            on_error=_known(on_error, None),
            idempotency_key=_known(options.get("idempotency_key"), "key" if own_key else None),
            stripe_account=_known(options.get("stripe_account"), None),
        )
        checker = CallChecker(self._catalog, _SCOPE, self._continuations)
        checker.call(record, None)
        nodes = [method, *places.values()]
        # An unknown setter is reported once, where it stands.
        self.said += [Said(nodes[w.step], w.text) for w in checker.wrong if w.builder is None]
        self.said += [Said(method, one.text, note=True) for one in checker.warnings]

    def _options(
        self, chain: Chain, node: ast.Call, method: ast.Attribute
    ) -> dict[str, JSONValue | Unknown]:
        verb = f"{CREATE}_async" if method.attr == CREATE else method.attr
        found: dict[str, JSONValue | Unknown] = {}
        starred = any(isinstance(value, ast.Starred) for value in node.args)
        if starred:
            found = dict.fromkeys(POSITIONAL, UNKNOWN)
        elif len(node.args) > len(POSITIONAL):
            message = wording.too_many_options(verb)
            self.said.append(Said(node.args[len(POSITIONAL)], message))
        else:
            for name, value in zip(POSITIONAL, node.args, strict=False):
                found[name] = literal(value)
        for keyword in node.keywords:
            if keyword.arg is None:
                return {**dict.fromkeys(OPTIONS, UNKNOWN), **found}
            if keyword.arg in OPTIONS:
                found[keyword.arg] = literal(keyword.value)
                continue
            settable = keyword.arg in self._chains.setters(chain.builder)
            message = wording.no_option(verb, keyword.arg, settable)
            self.said.append(Said(method, message))
        return found

    def _request(
        self, chain: Chain, operation: str
    ) -> tuple[JSONObject, set[str], dict[str, ast.Attribute]]:
        """Return the parameters of a call, those that are not checked, and where each is set."""
        request: JSONObject = {}
        unchecked: set[str] = set()
        places: dict[str, ast.Attribute] = {}
        for setting in chain.settings:
            value = literal(setting.value) if setting.value is not None else UNKNOWN
            request[setting.parameter] = _known(value, self._standing_for(setting.value, ""))
            places[setting.parameter] = setting.node
            (unchecked.add if isinstance(value, Unknown) else unchecked.discard)(setting.parameter)
        for name in self._elsewhere(chain, operation):
            if request.get(name) is None:
                request[name] = ""
            unchecked.add(name)
        return request, unchecked, places

    def _standing_for(self, value: ast.expr | None, otherwise: str) -> str:
        """Return what to check in place of a value that only a run would know."""
        verb = self._chains.verb_of(value) if value is not None else None
        return request_text("call") if verb is not None else otherwise

    def _elsewhere(self, chain: Chain, operation: str) -> Iterator[str]:
        """Yield the parameters that may have been set or changed outside the expression."""
        variable = chain.variable
        if chain.opened or (variable is not None and variable in self._chains.escaped):
            yield from self._catalog.operations[operation].required
        if variable is None:
            return
        if variable not in self._set_on:
            self._set_on[variable] = self._chains.set_on(variable)
        own = {id(setting.node) for setting in chain.settings}
        for name, settings in self._set_on[variable].items():
            if any(id(setting.node) not in own for setting in settings):
                yield name


def _known(value: JSONValue | Unknown, otherwise: JSONValue) -> JSONValue:
    return otherwise if isinstance(value, Unknown) else value
