"""Payments: customers, payment methods, test cards, intents, charges, refunds and disputes."""
