"""Compress the texts that are stored. The first byte of the result names the format.

0x78 is zlib's own first byte: a stream without a dictionary. 1 is a raw deflate stream that was
compressed with DICTIONARY. The lines of a run's record are short and much alike, so the dictionary
halves them. Only these lines use it: workers of an older version do not know it, and have to read
everything else.
"""

from __future__ import annotations

import zlib
from typing import Final

from stripe_flows.engine.errors import SealError

_ZLIB: Final = 0x78
_LINE: Final = 1
_RAW: Final = -15

DICTIONARY: Final = (
    b'["order-","","record",{"kind":"start","status":"started","item":"","flow":"main","params":{'
    b'"email":"@example.com","customer":"cus_","order_id":"","meta":{"flow":"main","worker_id":"'
    b'default","context_id":"","input":"'
    b'{"kind":"decision","status":"resolved","retried","error":"with the same key'
    b'{"kind":"cancel","status":"cancelled","stuck","held","unknown","failed","error":"flows/main.py:'
    b',"params_cut":true},"cut":true,"stripe_account":"acct_1","idempotency_key":"'
    b'"status":"put_off","error":"HTTP 429: rate_limit","error":"HTTP 503: api_error","error":"'
    b"ReadTimeoutHTTP 500: api_error invalid_request_error code=resource_missing param="
    b"retrieve_payment_intent capture_payment_intent confirm_payment_intent cancel_payment_intent "
    b"create_setup_intent create_product create_price create_coupon create_subscription "
    b"update_subscription cancel_subscription create_invoice_item create_invoice finalize_invoice "
    b"pay_invoice create_checkout_session create_payment_link create_transfer create_payout "
    b'create_account create_charge create_refund "amount_refunded":"refund":"re_"charge":"ch_3'
    b'"in_1"sub_1"price_1"prod_"si_"seti_1"cs_test_"pm_1"payment_method":"pm_card_visa"confirm":true,'
    b'"off_session":true"description":"quantity":1"items":[{"price":"recurring":{"interval":"month"'
    b'"unit_amount":"total":"subtotal":"amount_due":"amount_paid":"amount_remaining":"amount_total":'
    b'"amount_subtotal":"payment_status":"unpaid"requires_action"requires_confirmation"'
    b'requires_capture"processing"canceled"open"draft"paid"complete"active"incomplete"pending"'
    b'"currency":"eur"gbp"jpy"POST"GET"DELETE","path":"/v1/refunds/v1/invoices/v1/subscriptions'
    b"/v1/checkout/sessions/v1/products/v1/prices/v1/setup_intents"
    b'{"kind":"call","status":"error","item":"","attempt":1,"seconds":0.3,"http_status":400,'
    b'"http_status":402,"request_id":"req_","error":"card_error code=card_declined '
    b"decline_code=generic_decline decline_code=insufficient_funds http_status=402 request_id=req_"
    b'","created":[{"kind":"execution","name":"new_create_payment_intent_error"}],"answer":{'
    b'"message":"Your card was declined.","code":"card_declined","decline_code":"generic_decline",'
    b'"advice_code":"try_again_later","doc_url":"https://docs.stripe.com/error-codes#card-declined",'
    b'"request_log_url":"https://dashboard.stripe.com/test/logs/req_?t=17"}}]'
    b'","","record",{"kind":"execution","status":"succeeded","item":"","attempt":1,"seconds":0.00,'
    b'"output":"Status: payment_intent_request_dispatched\\n","created":[{"kind":"call","name":"'
    b'create_payment_intent","line":2},{"kind":"call","name":"create_customer","line":1}]}]'
    b'","","record",{"kind":"call","status":"response","item":"","attempt":1,"seconds":0.1,'
    b'"object_id":"cus_","http_status":200,"request_id":"req_","created":[{"kind":"execution","name":'
    b'"new_create_customer_response"}],"request":{"method":"POST","path":"/v1/customers","parameters":'
    b'{"email":"@example.com","name":"","metadata":{"order_id":"}},"answer":{"object":"customer",'
    b'"livemode":false}}]'
    b'","","record",{"kind":"call","status":"response","item":"","attempt":1,"seconds":0.2,'
    b'"object_id":"pi_3","http_status":200,"request_id":"req_","created":[{"kind":"execution","name":'
    b'"new_create_payment_intent_response"}],"request":{"method":"POST","path":"/v1/payment_intents",'
    b'"parameters":{"amount":2000,"currency":"usd","customer":"cus_"}},"answer":{"object":'
    b'"payment_intent","status":"requires_payment_method","succeeded","amounts":{"amount":2000,'
    b'"amount_received":2000},"currency":"usd","livemode":false}}]'
)
"""Text that many lines of a record contain, the most common last. Never change it: it is needed to
read the lines that were compressed with it. Another dictionary gets another first byte."""


def compress(text: bytes) -> bytes:
    """Return the text compressed without a dictionary."""
    return zlib.compress(text, 6)


def compress_line(text: bytes) -> bytes:
    """Return a line of a record, compressed with the dictionary."""
    packer = zlib.compressobj(9, zlib.DEFLATED, _RAW, 9, zdict=DICTIONARY)
    return bytes([_LINE]) + packer.compress(text) + packer.flush()


def decompress(data: bytes) -> bytes:
    """Return the text. Raises SealError if a later version of stripe-flows compressed it."""
    if data[:1] == bytes([_ZLIB]):
        return zlib.decompress(data)
    if data[:1] != bytes([_LINE]):
        raise SealError(
            "it was written by a later version of stripe-flows, in a format that this one cannot read"
        )
    unpacker = zlib.decompressobj(_RAW, zdict=DICTIONARY)
    return unpacker.decompress(data[1:]) + unpacker.flush()
