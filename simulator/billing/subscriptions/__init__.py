"""Subscriptions: items, trials, renewals, prorations, schedules and failed payments."""
