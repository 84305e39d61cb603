"""Checkout sessions and quotes, with the line items that they offer."""
