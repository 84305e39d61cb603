"""Rules that hold alike at a start and in a script's call, each at its edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from stripe_flows.engine.call import SecretSource
from stripe_flows.engine.errors import StripeFlowsError
from stripe_flows.engine.execution import Engine, Scope
from stripe_flows.engine.stripe.keys import is_key
from stripe_flows.engine.types import JSONObject
from stripe_flows.simulator.requests.keys import key_problem
from stripe_flows.tasks.api.inputs import check_params
from stripe_flows.tasks.http.secrets import from_caller
from stripe_flows.tasks.sealing import Sealer, new_key

LIMIT = 65_536


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


def call_secret(engine: Engine, secret: str) -> SecretSource:
    source = f"new_customer().create(stripe_secret={secret!r})"
    scope = Scope(worker_id="w", context_id="c", params={})
    clock = datetime(2026, 1, 1, tzinfo=UTC)
    (call,) = engine.execute("main", source, scope, clock=clock, seed="seed", flow_names=()).calls
    return call.secret


def start_secret(engine: Engine, secret: str) -> SecretSource:
    return from_caller(secret, Sealer([SecretStr(new_key())]), allow_live=False)


def call_params(engine: Engine, params: JSONObject) -> JSONObject:
    source = f"new_customer().create(params={params!r})"
    if len(source) > LIMIT:  # of a script; made in it then
        source = "new_customer().create(params={n: [0] * int(c) for n, c in params.items()})"
        params = {
            name: str(len(value)) for name, value in params.items() if isinstance(value, list)
        }
    scope = Scope(worker_id="w", context_id="c", params=params)
    clock = datetime(2026, 1, 1, tzinfo=UTC)
    (call,) = engine.execute("main", source, scope, clock=clock, seed="seed", flow_names=()).calls
    return call.params


def start_params(engine: Engine, params: JSONObject) -> JSONObject:
    return check_params(params)


def params_of(size: int) -> JSONObject:
    """Params of `size` bytes as JSON without spaces: `{"a":[0,0,…],"bb…":[0]}`."""
    fixed = len('{"a":[0],"b":[0]}')
    zeros, rest = divmod(size - fixed, len(",0"))
    return {"a": [0] * (zeros + 1), "b" * (rest + 1): [0]}


@pytest.mark.parametrize("place", [start_params, call_params])
def test_params_may_have_65536_bytes_as_json_without_spaces(
    engine: Engine, place: Callable[[Engine, JSONObject], JSONObject]
) -> None:
    most = params_of(LIMIT)
    assert place(engine, most) == most
    with pytest.raises(
        StripeFlowsError, match="params is 65,537 bytes of JSON; the limit is 65,536"
    ):
        place(engine, params_of(LIMIT + 1))


@pytest.mark.parametrize("place", [start_secret, call_secret])
@pytest.mark.parametrize("prefix", ["sk_test_", "env:STRIPE_"])
def test_a_key_and_the_name_of_its_variable_may_have_255_characters(
    engine: Engine, prefix: str, place: Callable[[Engine, str], SecretSource]
) -> None:
    most = prefix + "K" * (255 - len(prefix.removeprefix("env:")))
    assert place(engine, most).kind in ("literal", "sealed", "reference")
    with pytest.raises(StripeFlowsError, match="stripe_secret"):
        place(engine, most + "K")


@pytest.mark.parametrize("place", [start_secret, call_secret])
@pytest.mark.parametrize(
    "secret",
    [
        "",
        "env:",
        "env:STRIPE_",
        "env:STRIPE_FLOWS_X",
        "env:STRIPE_key",
        "sk_",
        "pk_test_1",
        "sk_test_a b",
        "sk_test_1\n",
        "sk_test_é",
    ],
)
def test_what_has_not_the_form_of_a_key_or_a_variable_is_refused(
    engine: Engine, secret: str, place: Callable[[Engine, str], SecretSource]
) -> None:
    with pytest.raises(StripeFlowsError, match="stripe_secret"):
        place(engine, secret)


@pytest.mark.parametrize("key", ["sk_test_1", "rk_test_1", "sk_test_...", "sk_test_a-b"])
def test_the_offline_stripe_accepts_every_test_key_that_a_start_accepts(key: str) -> None:
    assert is_key(key)
    assert key_problem(key) is None
