"""All pages of a list or a search: one continuation a page, in order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.errors import ScriptFailed
from stripe_flows.testing import Played, error, play

PAGE = 'print(*[one.id for one in parsed_data.data])\nparams["n"] += 1\nprint(params["n"], next_page())'


def page(*ids: str, more: bool) -> dict[str, object]:
    return {"object": "list", "data": [{"id": one} for one in ids], "has_more": more}


class PlayIt(Protocol):
    def __call__(
        self, script: str, flow: str, *answers: Mapping[str, object], text: str = ...
    ) -> Played: ...


@pytest.fixture
def played(tmp_path: Path) -> PlayIt:
    """Plays a script whose call continues in `flow`, a file with `text`."""

    def played(script: str, flow: str, *answers: Mapping[str, object], text: str = PAGE) -> Played:
        (tmp_path / f"{flow}.py").write_text(text)
        return play(script=script, params={"n": 0}, answers=answers, flows_dir=tmp_path)

    return played


def test_a_next_page_goes_on_as_the_page_before_it_would(tmp_path: Path) -> None:
    (tmp_path / "vat_response.py").write_text("next_page()")
    (tmp_path / "order_error.py").write_text("print(call.then, call.on_error)")
    done = play(
        script="customers().list_async(then='vat', on_error='order')",
        answers=[page("cus_1", more=True), error(402)],
        flows_dir=tmp_path,
    )
    assert {(call.then, call.on_error) for call in done.calls} == {("vat", "order")}
    assert done.flows == ["script", "vat_response", "order_error"]
    assert done.output == "vat order\n"


def test_each_page_is_asked_for_behind_the_last_object_of_the_one_before(played: PlayIt) -> None:
    done = played(
        'customers().email("a@b.c").limit(2).list_async("w", "c", "env:STRIPE_EU_KEY", '
        'stripe_account="acct_1")',
        "new_list_customers_response",
        page("cus_1", "cus_2", more=True),
        page("cus_3", "cus_4", more=True),
        page("cus_5", more=False),
    )
    assert done.output == (
        "cus_1 cus_2\n1 customer_request_dispatched\ncus_3 cus_4\n2 customer_request_dispatched\n"
        "cus_5\n3 None\n"
    )
    assert [call.body for call in done.calls] == [
        "email=a%40b.c&limit=2",
        "email=a%40b.c&limit=2&starting_after=cus_2",
        "email=a%40b.c&limit=2&starting_after=cus_4",
    ]
    assert [call.next_page for call in done.calls] == [False, True, True]
    assert {(c.path, c.worker_id, c.context_id, c.stripe_account) for c in done.calls} == {
        ("/v1/customers", "w", "c", "acct_1")
    }
    assert [call.line for call in done.calls] == [1, 3, 3]


def test_a_page_goes_on_in_the_flow_that_the_first_one_named(played: PlayIt) -> None:
    done = played(
        'customer_tax_ids("cus_1").list_async(then="vat")',
        "vat_response",
        page("txi_1", more=True),
        page("txi_2", more=False),
    )
    assert done.flows == ["script", "vat_response", "vat_response"]
    assert {call.path for call in done.calls} == {"/v1/customers/cus_1/tax_ids"}
    assert {call.then for call in done.calls} == {"vat"}


def test_a_list_that_was_asked_for_backwards_goes_on_before_its_first_object(
    played: PlayIt,
) -> None:
    done = played(
        'customers().ending_before("cus_9").list_async()',
        "new_list_customers_response",
        page("cus_7", "cus_8", more=True),
        page("cus_6", more=False),
    )
    assert done.calls[1].body == "ending_before=cus_7"


def test_a_search_goes_on_by_the_page_that_it_names(played: PlayIt) -> None:
    first = {"object": "search_result", "data": [{"id": "cus_1"}], "has_more": True}
    done = played(
        'customers().query("name:1").search_async()',
        "new_search_customers_response",
        {**first, "next_page": "token/2"},
        {**first, "has_more": False, "next_page": None},
    )
    assert done.calls[1].path == "/v1/customers/search"
    assert done.calls[1].body == "query=name%3A1&page=token%2F2"


@pytest.mark.parametrize(
    ("text", "body", "told"),
    [
        ("next_page()\nnext_page()", page("a", more=True), ":2: next_page() was called before"),
        (
            "while parsed_data.has_more:\n    next_page()",
            page("a", more=True),
            ":2: next_page() was called before: each page has one continuation",
        ),
        (
            "try:\n    next_page()\n    next_page()\nexcept TypeError:\n    pass",
            page("a", more=True),
            "next_page() was called before",
        ),
        (
            "\nnext_page()",
            page(more=True),
            ":2: next_page(): the answer says that there is more, but its page is empty",
        ),
        (
            "next_page()",
            {**page(more=True), "data": [{}]},
            ":1: next_page(): the last object of the list has no id",
        ),
        (
            "next_page()",
            page("a", "", more=True),
            ":1: next_page(): the id of the last object of the list is empty",
        ),
        (
            "next_page()",
            page("a\ud800", more=True),
            ":1: next_page(): the id of the last object of the list is not valid Unicode",
        ),
        (
            "next_page()",
            {**page(more=True), "object": "search_result", "next_page": "t"},
            ":1: next_page(): the answer says that there is more, but its page is empty",
        ),
        ("next_page(1)", page("a", more=True), "next_page() takes 0 positional arguments"),
        ("next_page(thn=1)", page("a", more=True), "next_page() has no parameter 'thn'"),
        ("next_page(params=[1])", page("a", more=True), "next_page(): params must be a dict"),
    ],
)
def test_a_mistake_with_pages_is_told(
    played: PlayIt, text: str, body: dict[str, object], told: str
) -> None:
    with pytest.raises(ScriptFailed) as caught:
        played("customers().list_async()", "new_list_customers_response", body, text=text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("script", "flow", "body", "told"),
    [
        (
            'customers().starting_after("cus_2").list_async()',
            "new_list_customers_response",
            page("cus_1", "cus_2", more=True),
            "the id of the last object of the list is where this page began",
        ),
        (
            'customers().query("a").page("t").search_async()',
            "new_search_customers_response",
            {"object": "search_result", "data": [], "has_more": True, "next_page": "t"},
            "the next page that the answer names is where this page began",
        ),
        (
            'customers().query("a").search_async()',
            "new_search_customers_response",
            {"object": "list", "data": [{"id": "cus_1"}], "has_more": True},
            "the answer names no next page",
        ),
        (
            'account_capabilities("acct_1").list_async()',
            "new_list_account_capabilities_response",
            page("card_payments", more=True),
            "account_capabilities().list_async() has one page: Stripe takes no 'starting_after'",
        ),
        (
            "reporting_report_types().list_async()",
            "new_list_reporting_report_types_response",
            page("balance.summary.1", more=True),
            "reporting_report_types().list_async() has one page",
        ),
    ],
)
def test_a_page_that_could_not_come_or_would_be_the_same_again_is_not_asked_for(
    played: PlayIt, script: str, flow: str, body: dict[str, object], told: str
) -> None:
    with pytest.raises(ScriptFailed) as caught:
        played(script, flow, body, text="next_page()")
    assert f":1: next_page(): {told}" in str(caught.value)


BALANCE = ("balance().retrieve_async()", "new_retrieve_balance_response", {"id": "x"})


def test_there_is_no_next_page_of_what_is_no_list(played: PlayIt) -> None:
    with pytest.raises(ScriptFailed, match="only in a flow that continues a list's"):
        played(*BALANCE, text="next_page()")


def test_what_a_page_needs_is_not_shown_to_scripts(played: PlayIt) -> None:
    done = played(*BALANCE, text="print(*call.keys())")
    assert done.output == (
        "id operation request attempts http_status request_id then on_error stripe_account\n"
    )


def test_a_forged_page_is_refused(played: PlayIt) -> None:
    forged = '_sf_records[0] = _sf_records[0].replace("customers.list", "next_page")'
    with pytest.raises(ScriptFailed, match="there is no page after this one"):
        played(f"customers().list_async()\n{forged}", "new_list_customers_response")


def test_a_page_behind_the_last_one_is_refused_however_it_is_asked_for(played: PlayIt) -> None:
    forged = (
        "customers().list_async()\n"
        '_sf_records[0] = _sf_records[0].replace("customers.list", "next_page")'
    )
    with pytest.raises(ScriptFailed, match="there is no page after this one"):
        played(
            "customers().list_async()",
            "new_list_customers_response",
            page("cus_1", more=False),
            text=forged,
        )


def test_in_a_loop_it_is_told_once(played: PlayIt) -> None:
    with pytest.raises(ScriptFailed) as caught:
        played(
            "customers().list_async()",
            "new_list_customers_response",
            page("a", "b", "c", more=True),
            text="for one in parsed_data.data:\n    next_page()",
        )
    assert str(caught.value).count("next_page()") == 1


@pytest.mark.parametrize(
    ("flow", "text", "told"),
    [
        (
            "new_list_customers_response",
            "while parsed_data.has_more:\n    next_page()",
            "in a loop",
        ),
        ("new_list_customers_response", "for one in parsed_data.data: next_page()", "in a loop"),
        ("new_list_customers_response", "for _ in [1]:\n    next_page()\n    break", ""),
        ("new_list_customers_response", "next_page()", ""),
        ("new_create_customer_response", "next_page()", "only in a flow that continues a list's"),
        ("default_response", "next_page()", ""),
    ],
)
def test_the_check_of_it(flow: str, text: str, told: str) -> None:
    main = "new_customer().create_async()\ncustomers().list_async()"
    found = check_flows({"main": main, flow: text}, {flow})
    assert len(found) == (1 if told else 0)
    assert told in str(found)
