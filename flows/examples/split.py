# Sells for a seller on our marketplace: the money is theirs, less our fee.
# params: account (the seller's; without one a sample is made), amount, fee (in cents),
# payment_method (a test card without).
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
