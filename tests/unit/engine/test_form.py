"""The form encoding that Stripe reads."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_flows.engine.stripe.form import encode_form, form_text, without_none
from stripe_flows.engine.types import JSONObject


def test_nested_values_are_written_with_brackets() -> None:
    form = encode_form({"items": [{"price": "price_1", "quantity": 2}, {"price": "price_2"}]})
    assert form == "items[0][price]=price_1&items[0][quantity]=2&items[1][price]=price_2"


def test_booleans_are_words_none_is_left_out_and_an_empty_text_is_kept() -> None:
    form = encode_form({"a": True, "b": False, "c": None, "d": "", "e": {"f": None}})
    assert form == "a=true&b=false&d="


def test_members_of_a_list_are_numbered_as_they_are_sent() -> None:
    """What says nothing leaves no gap, which a reader of lists would trip over."""
    form = encode_form({"a": [{}, {"b": 1}, None, [], [{"c": None}], "x", [[], 2]]})
    assert form == "a[0][b]=1&a[1]=x&a[2][0]=2"


def test_text_is_percent_encoded_as_utf_8() -> None:
    assert encode_form({"name": "Zoë & Co=+"}) == "name=Zo%C3%AB+%26+Co%3D%2B"


def test_numbers_never_have_an_exponent() -> None:
    assert form_text(1e-9) == "0.000000001"
    assert form_text(1e22) == "10000000000000000000000"
    assert form_text(12.5) == "12.5"
    assert form_text(3.0) == "3"


def test_none_is_taken_out_at_any_depth() -> None:
    given: JSONObject = {"a": None, "b": {"c": None, "d": [1, None]}}
    assert without_none(given) == {"b": {"d": [1]}}


def _decode(form: str) -> dict[str, Any]:
    """A reader written apart from the writer: nested dicts, lists where all keys are numbers."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(form, keep_blank_values=True):
        name, *inner = [part for part in re.split(r"[\[\]]+", key) if part]
        at = root
        for part, following in zip([name, *inner], inner, strict=False):
            at = at.setdefault(part, {})
            assert isinstance(at, dict), following
        at[[name, *inner][-1]] = value
    decoded = _lists(root)
    assert isinstance(decoded, dict)
    return decoded


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[str(index)]) for index in range(len(value))]
    return {key: _lists(member) for key, member in value.items()}


_names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_values = st.recursive(
    _texts,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(_names, inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
_parameters = st.dictionaries(_names, _values, max_size=4)


@settings(max_examples=60, deadline=None)
@given(_parameters)
def test_what_is_written_can_be_read_back(parameters: dict[str, Any]) -> None:
    assert _decode(encode_form(parameters)) == parameters


@settings(max_examples=60, deadline=None)
@given(_parameters)
def test_the_order_is_that_of_the_script(parameters: dict[str, Any]) -> None:
    seen = [unquote_plus(pair).partition("=")[0] for pair in encode_form(parameters).split("&")]
    firsts = dict.fromkeys(re.split(r"\[", key)[0] for key in seen if key)
    assert list(firsts) == list(parameters)
