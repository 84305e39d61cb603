work = [
    {"description": "Consulting, 3 hours", "amount": 36000},
    {"description": "Travel", "amount": 4200},
]
lines = invoice(parsed_data.id).lines(params.get("lines", work))
lines.add_lines_async(then="examples/invoice_lines")
