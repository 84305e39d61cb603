"""Stripe's own package as the measure: its typed parameters, and the requests that it would send."""
