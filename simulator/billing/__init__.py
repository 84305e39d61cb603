"""Billing: prices, invoices, subscriptions."""
