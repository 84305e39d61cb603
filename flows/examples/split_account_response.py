if parsed_data.capabilities.get("transfers") == "active":
    sale = new_payment_intent().amount(params.get("amount", 10_000)).currency("usd")
    sale.application_fee_amount(params.get("fee", 1000))
    sale.transfer_data({"destination": parsed_data.id})
    sale.payment_method(params.get("payment_method", "pm_card_visa")).confirm(True)
    sale.automatic_payment_methods({"enabled": True, "allow_redirects": "never"})
    sale.create_async(then="examples/split_payment", on_error="examples/declined")
else:
    # Stripe does not know enough of the seller yet; when account.updated arrives, start again.
    link = new_account_link().account(parsed_data.id).type("account_onboarding")
    link.refresh_url("https://market.example.com/again")
    link.return_url("https://market.example.com/done")
    link.create_async(params={"account": parsed_data.id}, then="examples/split_link")
