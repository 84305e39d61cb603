"""No key in a script's sight, and none in any text that comes out of one."""

from __future__ import annotations

import pytest

from stripe_flows.engine.errors import ScriptFailed
from tests.unit.engine.conftest import Run


@pytest.mark.parametrize(
    "shown",
    [
        "stripe_secret",
        "str(stripe_secret)",
        "repr(stripe_secret)",
        "f'{stripe_secret}'",
        "f'{stripe_secret!r}'",
        "'%s' % stripe_secret",
        "'{}'.format(stripe_secret)",
    ],
)
def test_the_handle_shows_a_mask(run: Run, shown: str) -> None:
    assert run(f"print({shown})").output == "stripe_secret(***)\n"


def test_the_handle_stands_for_the_scripts_own_key(run: Run) -> None:
    (call,) = run("new_customer().create(worker_id, context_id, stripe_secret)").calls
    assert call.secret.kind == "own"
    assert call.secret.value == ""


@pytest.mark.parametrize("key", ["sk_test_1", "rk_live_1", "sk_test_..."])
def test_a_key_in_the_text_is_taken_as_a_literal(run: Run, key: str) -> None:
    (call,) = run(f"new_customer().create('w', 'c', '{key}')").calls
    assert (call.secret.kind, call.secret.value) == ("literal", key)
    assert key not in repr(call)


@pytest.mark.parametrize(
    "given",
    [
        "'pk_test_planted'",
        "'whsec_planted'",
        "'planted'",
        "'env:PLANTED'",
        "'env:STRIPE_FLOWS_PLANTED'",
        "'env:STRIPE_planted'",
        "'sk_planted with a space'",
        "'sk_planted\\n'",
        "5",
        "['sk_planted']",
        "''",
    ],
)
def test_anything_else_is_refused_without_being_repeated(run: Run, given: str) -> None:
    with pytest.raises(ScriptFailed) as caught:
        run(f"new_customer().create('w', 'c', {given})")
    assert "stripe_secret must be the script's own" in str(caught.value)
    assert "planted" not in str(caught.value).lower()


def test_a_key_is_redacted_in_output_and_errors(run: Run) -> None:
    assert run("print('sk_live_planted', 'whsec_planted')").output == "sk_live_*** whsec_***\n"
    with pytest.raises(ScriptFailed) as caught:
        run("print('rk_test_planted')\nraise ValueError('sk_test_planted')")
    assert "planted" not in str(caught.value) + caught.value.output
