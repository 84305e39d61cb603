"""The example flows that `init` writes: the README's flow and its continuations."""

from __future__ import annotations

from typing import Final

WELCOME: Final[dict[str, str]] = {
    "welcome": """\
# flows/welcome.py
customer = new_customer().email(params["email"]).name("Jenny Rosen")
print(customer.create_async(then="welcome"))
""",
    "welcome_response": """\
# flows/welcome_response.py
print(f"customer {parsed_data.id}")
intent = new_payment_intent().amount(2000).currency("usd").customer(parsed_data.id)
intent.create_async(then="welcome_paid")
""",
    "welcome_paid_response": """\
# flows/welcome_paid_response.py
print(f"{parsed_data.id} is {parsed_data.status}")
""",
}
"""The scripts by flow name."""

RUN_WELCOME: Final = """stripe-flows run welcome --params '{"email": "jenny@example.com"}'"""
"""The shell command that starts the example."""
