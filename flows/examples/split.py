# Sell for a seller on our marketplace, who gets the money less our fee.
# params: account (the seller's; default: a new sample), amount, fee (in cents),
# payment_method (default: a test card).
if "account" in params:
    account(params["account"]).retrieve_async(then="examples/split_account")
else:
    sample = new_account().country("US").capabilities({"transfers": {"requested": True}})
    sample.controller(
        {
            "stripe_dashboard": {"type": "express"},
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
        }
    )
    sample.create_async(then="examples/split_account")
