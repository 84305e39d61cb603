default = parsed_data.invoice_settings.default_payment_method
print(f"{parsed_data.id} is charged with {default} from now on")
