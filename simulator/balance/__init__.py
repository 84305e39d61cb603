"""The account's balance and the payouts from it."""
