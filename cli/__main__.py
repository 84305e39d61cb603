"""`python -m stripe_flows.cli` is the command `stripe-flows`."""

from .main import main

main()
