"""Further mistakes of newcomers, and what they are told; test_common_mistakes.py makes them."""

from __future__ import annotations

NOT_THERE = "is not there: the sandbox does not have it, though Python does"

SANDBOX = [
    # what Python's own types have and the sandbox's do not
    (
        "from datetime import datetime; datetime.fromtimestamp(1)",
        f"fromtimestamp() {NOT_THERE}; write datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta",
    ),
    ("import datetime; datetime.datetime.utcfromtimestamp(1)", f"utcfromtimestamp() {NOT_THERE}"),
    ("from datetime import date; date.fromtimestamp(1)", f"fromtimestamp() {NOT_THERE}"),
    (
        "from datetime import datetime; datetime.utcnow()",
        f"utcnow() {NOT_THERE}; write datetime.now(timezone.utc)",
    ),
    ("from datetime import datetime as d; d.today()", f"today() {NOT_THERE}"),
    ("from datetime import date; date.today().isocalendar()", f"isocalendar() {NOT_THERE}"),
    ("from datetime import date; date.today().toordinal()", f"toordinal() {NOT_THERE}"),
    ("from datetime import datetime; datetime.now().timetuple()", f"timetuple() {NOT_THERE}"),
    ("from datetime import datetime; datetime.now().ctime()", f"ctime() {NOT_THERE}"),
    ("'a'.translate({})", f"translate() {NOT_THERE}; write replace(…)"),
    ("str.maketrans('a', 'b')", f"maketrans() {NOT_THERE}"),
    ("x = '{a}'; x.format_map({'a': 1})", f"format_map() {NOT_THERE}; write an f-string"),
    ("x = 3; x.bit_length()", f"bit_length() {NOT_THERE}"),
    ("x = 3; x.to_bytes(2, 'big')", f"to_bytes() {NOT_THERE}"),
    ("x = 1.5; x.is_integer()", f"is_integer() {NOT_THERE}; write x == int(x)"),
    (
        "d = {'a': 1}; max(d, key=d.get)",
        "d.get is there only with its brackets; use a lambda: lambda x: d.get(x)",
    ),
    (
        "sorted(['b', 'A'], key=str.lower)",
        "str.lower is there only with its brackets; use a lambda: lambda x: x.lower()",
    ),
    ("max(params, key=params.get)", "use a lambda: lambda x: params.get(x)"),
    ("from datetime import UTC", "cannot import name 'UTC' from 'datetime'; timezone.utc is the"),
    ("import datetime; datetime.UTC", "has no 'UTC' in a script; write timezone.utc"),
    ("print(UTC)", "'UTC' is not defined; write timezone.utc: from datetime import timezone"),
    (
        "import json; json.dumps({}, default=str)",
        "json.dumps() does not take 'default' in a script; turn other values into strings before",
    ),
    (
        "import re; re.sub('a', lambda m: 'b', 'a')",
        "re.sub() takes no function in a script: go through re.finditer(…) instead",
    ),
    # lists that Python would have as generators
    (
        "next((x for x in [1, 2] if x > 1), None)",
        "next() takes no list, and (… for …) makes a list here; the first is "
        "([x for x in … if …] or [None])[0]",
    ),
    ("g = (x for x in [1]); next(g)", "next() takes no list"),
]

MEANT = [
    # a name that Stripe has elsewhere, had once, or has not
    (
        "new_subscription().price('price_1')",
        "new_subscription() has no parameter 'price'; did you mean items([{'price': …}])?",
    ),
    ("new_promotion_code().coupon('x')", "did you mean promotion({'coupon': …})?"),
    (
        "subscription('sub_1').cancel_async(at_period_end=True)",
        "cancel_async() has no parameter 'at_period_end'; "
        "did you mean .cancel_at_period_end(True).update_async()?",
    ),
    (
        "new_subscription().customer('cus_1').items([{'price': 'p', 'qty': 1}]).create_async()",
        "items[0] has no parameter 'qty'; did you mean 'quantity'?",
    ),
    (
        "new_customer().address({'zip': '1'}).create_async()",
        "address has no parameter 'zip'; did you mean 'postal_code'?",
    ),
    ("new_customer().address({'street': 'x'}).create_async()", "did you mean 'line1'?"),
    ("new_invoice().lines([])", "no parameter 'lines'; did you mean new_invoice_item()?"),
    ("new_charge().card('tok_visa')", "no parameter 'card'; did you mean 'source'?"),
    ("new_usage_record('si_1')", "did you mean 'new_billing_meter_event'?"),
    ("subscription('sub_1').proration('none')", "did you mean 'proration_behavior'?"),
    # values
    (
        "new_webhook_endpoint().url('https://x').enabled_events(['charge.succeded']).create_async()",
        "enabled_events[0] is not one of the values; did you mean 'charge.succeeded'? "
        "They are '*', 'account.application.authorized', ",
    ),
    (
        "new_subscription().customer('cus_1').trial_end('2026-01-01').create_async()",
        "trial_end must be a Unix time, in seconds, as an integer or a datetime, "
        "or 'now', not another string",
    ),
    (
        "new_payment_intent().currency('usd').amount('19.99').create_async()",
        'not a string or a Decimal: 19.99 usd is 1999, written round(Decimal("19.99") * 100)',
    ),
    (
        "new_refund().payment_intent({'id': 'pi_1'}).create_async()",
        "payment_intent must be a string, not a dict; is its id meant, ….id?",
    ),
    # a builder taken for the object itself
    (
        "x = customer('cus_1')['email']",
        "customer() only prepares a call, and holds no 'email'; Stripe's answer comes to the "
        "flow that continues it, as parsed_data",
    ),
    (
        "customer = new_customer(); customer('cus_1').retrieve_async()",
        "customer is not a builder here: line 3 gives the name to something else",
    ),
]

IN_A_RUN = [
    # what only a run can know; its params are {"customer": "cus_1"}
    (
        "params['customer']['id']",
        "params['customer'] is a string, without 'id'; an id is the string",
    ),
    ("params['x']", "params has no 'x'; it has 'customer'"),
    ("k = 'x'; params[k]", "params has no 'x'; it has 'customer'"),
    ("{}['x']", "KeyError: x"),
]

SUBSCRIPTION = (
    '{"object": "subscription", "id": "sub_1", "status": "active", "kinds": ["card"], '
    '"items": {"object": "list", "data": [{"id": "si_1"}]}}'
)
IN_A_SUBSCRIPTION = [
    ("parsed_data.items()", "items is a field here, which wins over the method; the objects of a"),
    (
        "for item in parsed_data.items: item.price",
        "a loop over parsed_data.items yields strings here, without 'price'; "
        "the objects of a list of Stripe's are in parsed_data.items.data",
    ),
    (
        "parsed_data.items.data.id",
        "parsed_data.items.data is a list, without 'id'; "
        "of its first it is parsed_data.items.data[0].id",
    ),
    ("parsed_data.http_statu", "parsed data has no field 'http_statu'; did you mean 'status'?"),
    ("parsed_data.attempt", "parsed data has no field 'attempt'"),
    ("parsed_data.attempts", "parsed data has no field 'attempts' here; there is call.attempts"),
    ("call.attempt", "call has no field 'attempt'; did you mean 'attempts'?"),
    (
        "new_refund().payment_intent(parsed_data).create_async()",
        "payment_intent must be a string, not a dict; is its id meant, ….id?",
    ),
]
