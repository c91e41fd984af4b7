"""Subscriptions: how they begin, change, turn over and end, and what is billed for them."""
