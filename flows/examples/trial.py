# Sign a customer up with a trial of 14 days, without asking for a card.
# params: price (default: a new sample), email, test_clock (to try what happens later).
# When customer.subscription.trial_will_end arrives, start examples/card with the customer's card.
if "price" in params:
    price(params["price"]).retrieve_async(then="examples/trial_price")
else:
    sample = new_price().currency("usd").unit_amount(1900).recurring({"interval": "month"})
    sample.product_data({"name": "Pro"}).create_async(then="examples/trial_price")
