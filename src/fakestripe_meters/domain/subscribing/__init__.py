"""Subscriptions: how they begin, change, renew and end, and what is billed for them."""
