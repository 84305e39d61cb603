"""Mistakes that people make, and what they are told; test_common_mistakes.py makes them."""

from __future__ import annotations

INTENT = 'new_payment_intent().amount(1).currency("usd")'
SUBSCRIPTION = 'new_subscription().customer("cus_1")'
CENTS = "must be an integer in the smallest unit of the currency, such as cents"
OF_USD = "must be an integer in the smallest unit of usd"

PARAMETERS = [
    # a name that is not there
    ("new_paymentintent()", "there is no new_paymentintent(); did you mean 'new_payment_intent'?"),
    ("new_invoiceitem()", "there is no new_invoiceitem(); did you mean 'new_invoice_item'?"),
    ("payment_intnet('pi_1')", "'payment_intnet' is not defined; did you mean 'payment_intent'?"),
    ("paymentintents()", "did you mean 'payment_intents'?"),
    (f"{INTENT}.custmer('cus_1')", "has no parameter 'custmer'; did you mean 'customer'?"),
    (
        "payment_intent('pi_1').captur_async()",
        "payment_intent() has no captur_async(); did you mean 'capture_async'?",
    ),
    ("payment_intents().retrieve_async()", "payment_intents() has no retrieve_async()"),
    ("balance().delete_async()", "balance() has no delete_async(); "),
    (f"{INTENT}.create_async(thn='x')", "create_async() has no parameter 'thn'"),
    ("new_v2_core_event_destination()", "Stripe's API v2 is not reached"),
    ("next_page()", "next_page is there only in a flow that continues a list's or a search's"),
    # a parameter of another verb
    (
        "payment_intent('pi_1').amount(5).capture_async()",
        "payment_intent().capture_async() has no parameter 'amount'",
    ),
    (
        "refunds().reason('duplicate').list_async()",
        "refunds() has no parameter 'reason'",
    ),
    # something is missing
    ("new_payment_intent().amount(1).create_async()", "new_payment_intent() needs 'currency'"),
    (
        "new_checkout_session().ui_mode('x')"
        ".line_items([{'price_data': {'unit_amount': 1}}]).create_async()",
        "line_items[0].price_data needs 'currency'",
    ),
    ("customers().search_async()", "customers().search_async() needs 'query'"),
    ("payment_method('pm_1').attach_async(then='x')", "then names no flow"),
    (
        "payment_intent().retrieve_async()",
        "payment_intent().retrieve_async() takes 1 id (intent) in payment_intent(…), not 0",
    ),
    (
        "payment_intent('pi_1', 'pi_2').retrieve_async()",
        "takes 1 id (intent) in payment_intent(…), not 2",
    ),
    ("new_customer_tax_id().type('eu_vat').value('x').create_async()", "takes 1 id (customer)"),
    ("payment_intent('').retrieve_async()", "intent must be an id, but is empty"),
    ("payment_intent(None).retrieve_async()", "intent must be an id, as a string, not None"),
    ("payment_intent(7).retrieve_async()", "intent must be an id, as a string, not"),
    ("customer('..').delete_async()", "customer must be an id, but is '..'"),
    # a wrong type
    ("new_payment_intent().amount(20.0).currency('usd').create_async()", f"amount {OF_USD}"),
    ("new_payment_intent().amount('2000').currency('usd').create_async()", f"amount {OF_USD}"),
    ("new_payment_intent().amount(True).currency('usd').create_async()", f"amount {OF_USD}"),
    ("new_refund().charge('ch_1').amount(1.5).create_async()", f"amount {CENTS}"),
    ("new_price().currency('usd').unit_amount(9.99).create_async()", f"unit_amount {OF_USD}"),
    (
        "new_price().currency('usd').unit_amount_decimal('9,99').create_async()",
        "unit_amount_decimal must be a decimal number",
    ),
    (f"{INTENT}.customer(7).create_async()", "customer must be a string, not an integer"),
    (f"{INTENT}.confirm('yes').create_async()", "confirm must be True or False, not a string"),
    (
        f"{INTENT}.excluded_payment_method_types('card').create_async()",
        "excluded_payment_method_types must be a list, not a string",
    ),
    (
        f"{SUBSCRIPTION}.items({{'price': 'price_1'}}).create_async()",
        "items must be a list, not a dict",
    ),
    (
        f"{SUBSCRIPTION}.items([{{'price': 'p', 'quantity': '2'}}]).create_async()",
        "items[0].quantity must be an integer, not a string",
    ),
    (
        f"{SUBSCRIPTION}.items([{{'prise': 'p'}}]).create_async()",
        "items[0] has no parameter 'prise'; did you mean 'price'?",
    ),
    (f"{SUBSCRIPTION}.trial_end('tomorrow').create_async()", "trial_end must be"),
    ("customers().limit('10').list_async()", "limit must be an integer, not a string"),
    (
        "customers().created({'gte': '2026-01-01'}).list_async()",
        "created.gte must be a Unix time, in seconds",
    ),
    (f"{INTENT}.expand('customer').create_async()", "expand must be a list, not a string"),
    # a value that is none of those
    (
        "billing_feedback_options().status('activ').list_async()",
        "status must be one of 'active', 'inactive'; did you mean 'active'?",
    ),
    # metadata
    (
        f"{INTENT}.metadata({{'a': ['b']}}).create_async()",
        "metadata.a must be a string, not a list",
    ),
    # options of the request
    (f"{INTENT}.create_async(stripe_account='acct 1')", "stripe_account must be the id of"),
    ("customers().list_async('not good!')", "customers().list_async(): worker_id must be 1 to 64"),
]

NEWCOMERS = [
    # from Stripe's own library
    ("import stripe", "a script cannot import stripe: builders stand in its place"),
    ("from stripe import Customer", "a script cannot import stripe: builders stand in its place"),
    (
        "stripe.PaymentIntent.create(amount=2000)",
        "stripe.PaymentIntent.create(…) is written new_payment_intent().amount(…)",
    ),
    ("PaymentIntent.create(amount=1)", "PaymentIntent.create(…) is written new_payment_intent()"),
    ("create_payment_intent()", "did you mean new_payment_intent().create_async()?"),
    ("newPaymentIntent().amount(1)", "not defined; did you mean 'new_payment_intent'?"),
    (
        "new_payment_intent(amount=2000).create_async()",
        "does not take 'amount': set it after the brackets, new_payment_intent().amount(…)",
    ),
    (
        "new_payment_intent({'amount': 2000}).create_async()",
        "new_payment_intent() takes nothing in its brackets; setters take the rest",
    ),
    (
        "new_payment_intent().create_async(amount=2000)",
        "create_async() does not take 'amount': set it before, with .amount(…)",
    ),
    (f"{INTENT}.create_async(api_key='x')", "did you mean 'stripe_secret'?"),
    (f"{INTENT}.create_async(callback='x')", "did you mean 'then'?"),
    ("payment_intent(id='pi_1').cancel_async()", "takes ids by position, without 'id'"),
    ("charges().auto_paging_iter()", "has no auto_paging_iter(); did you mean 'list_async'?"),
    # verbs
    ("payment_intent('pi_1').capture()", "has no capture(); did you mean 'capture_async'?"),
    ("payment_intent('pi_1').retrieve()", "has no retrieve(); did you mean 'retrieve_async'?"),
    ("subscription('sub_1').cancel()", "has no cancel(); did you mean 'cancel_async'?"),
    ("payment_intents().list()", "has no list(); did you mean 'list_async'?"),
    ("payment_intent('pi_1').captureAsync()", "did you mean 'capture_async'?"),
    ("customer('cus_1').get_async()", "has no get_async(); did you mean 'retrieve_async'?"),
    ("customer('cus_1').save()", "has no save(); did you mean 'update_async'?"),
    ("customer('cus_1').remove()", "has no remove(); did you mean 'delete_async'?"),
    (f"{INTENT}.execute()", "has no execute(); did you mean 'create_async'?"),
    ("customer('cus_1').list_async()", "did you mean customers().list_async()?"),
    ("customers().create_async()", "did you mean new_customer().create_async()?"),
    ("new_customer().retrieve_async()", "did you mean customer(id).retrieve_async()?"),
    # what belongs to another resource
    (
        "payment_intent('pi_1').refund_async()",
        "did you mean new_refund().payment_intent(…).create_async()?",
    ),
    ("customer('cus_1').tax_ids()", "did you mean customer_tax_ids(customer).list_async()?"),
    (
        "customer('cus_1').create_tax_id_async()",
        "did you mean new_customer_tax_id(customer).create_async()?",
    ),
    (
        "subscription('sub_1').items_async()",
        "did you mean subscription_items().subscription(…).list_async()?",
    ),
    ("customer('cus_1').invoices()", "did you mean invoices().customer(…).list_async()?"),
    (
        "checkout_session('cs_1').line_items()",
        "takes exactly one value; did you mean checkout_session_line_items(session).list_async()?",
    ),
    (
        "checkout_session('cs_1').list_line_items_async()",
        "did you mean checkout_session_line_items(session).list_async()?",
    ),
    ("subscription('sub_1').delete_async()", "did you mean 'cancel_async'?"),
    ("charge('ch_1').refund()", "did you mean new_refund().charge(…).create_async()?"),
    ("balance().transactions()", "did you mean balance_transactions().list_async()?"),
    ("new_customer().create(email='a')", "create_async() does not take 'email': set it before"),
    ("new_price().amount(5)", "has no parameter 'amount'; did you mean 'unit_amount'?"),
    # builders
    ("payment_intents('pi_1')", "takes nothing in its brackets; setters take the rest, and one "),
    ("new_payment_intent('pi_1')", "and one that exists is payment_intent('…')"),
    ("new_payment_intent.amount(1)", "it needs its brackets, new_payment_intent(…).amount"),
    ("new_checkout()", "there is no new_checkout(); did you mean 'new_checkout_session'?"),
    ("new_test_clock()", "did you mean 'new_test_helpers_test_clock'?"),
    # setters
    (f"{INTENT}.Currency('usd')", "has no parameter 'Currency'; did you mean 'currency'?"),
    (f"{INTENT}.paymentMethod('pm_1')", "did you mean 'payment_method'?"),
    (f"{INTENT}.metadata('x').create_async()", "metadata must be a dict, not a string"),
    (f"{INTENT}.metadata(order='x')", "without 'order'; several are a dict: {'order': …}"),
    (f"{INTENT}.metadata('order', 'x')", "metadata() takes exactly one value"),
    (
        f"{INTENT}.automatic_payment_methods.enabled(True)",
        "is a setter: it takes what it holds as a dict",
    ),
    ("p = new_customer(); p.name = 'Ann'; p.create_async()", "name cannot be assigned: a builder"),
    ("p = new_customer(); p['name'] = 'Ann'", "new_customer() is set by calls"),
    # what a verb gives back
    (f"{INTENT}.create_async().create_async()", "returns a string at once, without 'create_as"),
    (f"{INTENT}.create_async().customer('cus_1')", "returns a string at once, without 'custo"),
    (f"print({INTENT}.create_async().id)", "Stripe's answer comes to the flow that continues it"),
    (f"r = {INTENT}.create_async(); print(r['id'])", "returns a string at once, without 'id'"),
    (f"await {INTENT}.create_async()", "create_async() is not awaited: it records the call"),
    # arguments of a verb
    (f"{INTENT}.create_async('w', 'c', stripe_secret, {{}})", "name the others: then='…'"),
    (f"{INTENT}.create_async(then='signed_response')", "ending: then='signed'"),
    (f"{INTENT}.create_async(then='flows/signed_response.py')", "ending: then='signed'"),
    (f"{INTENT}.create_async(context_id='sk_test_abc12345678')", "context_id holds a Stripe key"),
    (f"{INTENT}.create_async(stripe_secret='env:KEY')", "a string 'env:STRIPE_…' or a secret key"),
    # the scope
    ("print(params.customer)", "params is a dict: its members are reached by brackets, params['c"),
    ("print(parsed_error.error)", "only in a flow that continues a call's error or unknown"),
    ("x = null", "'null' is not defined; did you mean 'None'?"),
    (f"{INTENT}.confirm(true)", "'true' is not defined; did you mean 'True'?"),
    # the sandbox
    ("time.sleep(1)", "'time' is not defined; import it: import time"),
    ("print(datetime.now())", "import it: from datetime import datetime"),
    ("import requests", "a script cannot import requests: a script has no network"),
    ("requests.get('https://x')", "'requests' is not there: a script has no network"),
    ("import logging", "a script cannot import logging: print() writes into the run's output"),
    ("import uuid", "a script cannot import uuid: a script runs again the same"),
    ("import enum", "a script cannot import enum: there are datetime, decimal, json"),
    ("from stripe_flows import start_flow", "names of a script are there without an import"),
    ("from json import *", "a script cannot use wildcard imports: name what is imported"),
    ("import os; os.environ['KEY']", "a script has no environment (os.environ)"),
    ("import os; os.getenv('KEY')", "a script has no environment (os.getenv)"),
    ("open('x')", "a script has no files"),
    ("input('x')", "'input' is not there: the sandbox does not have it"),
    ("class A(Exception): pass", "a script cannot use class inheritance"),
    ("return 1", "'return' is outside any function; a script ends at its last line"),
    # what cannot be read
    ("x = (\n", "cannot be read: '(' is never closed"),
    ("print('a'\nx = 1\n", "cannot be read: '(' is never closed"),
    ("x = {'a': [1, 2}\n", "cannot be read: "),
    ("x = {'a': 1\n\n\n", "cannot be read: '{' is never closed"),
    ("x = 'abc\ny = 1", "cannot be read: missing closing quote"),
    ("print('abc)\n", "cannot be read: missing closing quote"),
    ("if True\n    pass", "cannot be read: Expected `:`, found newline"),
    ("if x = 1:\n    pass", "two values are compared with =="),
    ("print 'x'", "print needs brackets: print(…)"),
    ("print(\u201cx\u201d)", "typographic quotes are not quotes"),
    ("if 1 && 2:\n    pass", "'&&' is written and"),
    ("// hi", "a comment begins with #"),
    ("x = 1 // set x", "a comment begins with #"),
    ("f = x => x", "a function without a name is written lambda x: …"),
    ("x = new Customer()", "an object is made without 'new' before it"),
    ("x = params?.a", "there is no ?.: ask with if, or with .get()"),
    ("print(`x`)", "a string is written in"),
    ("x =\u00a01", "this line has a special space"),
    ("x = 1 \u2013 2", "a dash in this line is not a minus"),
    ("x++", "there is no ++ or --"),
    ("const x = 1", "a variable is set without 'let', 'const' or 'var'"),
    ("new_customer().\n  name('a')", "a chain over several lines needs brackets around it"),
    ("  new_customer()", "cannot be read: Unexpected indentation"),
    ("print(f'{}')", "cannot be read: Expected an expression"),
]

RUN_ONLY = [
    # what only a run can know
    (f"{INTENT}.description({{1}}).create_async()", "description cannot be sent"),
    (
        f"{INTENT}.unchecked(1, 2).create_async()",
        "unchecked() takes the parameter's name as a string",
    ),
    (f"{INTENT}.metadata({{'k' * 41: 'v'}}).create_async()", "1 to 40 characters"),
    (f"{INTENT}.metadata({{'k': 'v' * 501}}).create_async()", "longer than 500 characters"),
    (
        f"{INTENT}.metadata({{f'k{{n}}': 'v' for n in range(51)}}).create_async()",
        "metadata has 51 keys; the limit is 50",
    ),
    (f"{INTENT}.create_async(idempotency_key='x' * 256)", "idempotency_key must be 1 to 255"),
    ("print('key ' + stripe_secret)", 'can only concatenate str (not "stripe_secret") to str'),
    ("print(stripe_secret.value)", "stripe_secret is a handle, without 'value'"),
    (f"{INTENT}.description(stripe_secret).create_async()", "description cannot be sent"),
    ("print(params['custmer'])", "params has no 'custmer'; did you mean 'customer'?"),
    ("print(params.get('x').lower())", "get() returned None here, without 'lower'"),
    (
        "c = new_customer(); new_product().name(c).create()",
        "name cannot be sent: a request cannot hold a value of type new_",
    ),
    ("d = {'a': 1}; print(d.a)", "d is a dict: its members are reached by brackets, d['a']"),
    ("print('amount: ' + 3)", 'can only concatenate str (not "int") to str'),
]

ANSWERED = [
    ("response", "print(parsed_data['sttus'])", "has no field 'sttus'; did you mean 'status'?"),
    ("response", "print(parsed_data.data[0].idd)", "has no field 'idd'; did you mean 'id'?"),
    ("response", "print(parsed_data.amout)", "has no field 'amout'; did you mean 'amount'?"),
    (
        "response",
        "print(parsed_data.amount)",
        "no field 'amount' here; there is parsed_data.data[0]",
    ),
    (
        "response",
        "print(parsed_data.charge.id)",
        "charge is a string, without 'id'; where it is an id",
    ),
    ("response", "for x in parsed_data: print(x.id)", "the objects of a list are in its data"),
    ("response", "print(parsed_data[0])", "the objects of a list are in its data"),
    ("response", "import json; json.dumps(parsed_data)", "parsed data is not a dict; to_dict()"),
    ("response", "parsed_data.status.pay()", "status is a string, without 'pay'"),
    ("response", "parsed_data.made.strftime('%d')", "made is of type int, without 'strftime'"),
    ("response", "print(parsed_data.review.id)", "review is None here, without 'id'"),
    ("response", "print(parsed_error.error)", "unknown outcome; here it is parsed_data"),
    ("error", "print(parsed_data.id)", "a call's response; here it is parsed_error"),
    ("error", "print(parsed_error.code)", "'code' here; there is parsed_error.error.code"),
    ("error", "print(parsed_error.error.cod)", "has no field 'cod'; did you mean 'code'?"),
    ("unknown", "print(parsed_data.id)", "a call's response; here it is parsed_error"),
]
