"""Stripe's billing, without its URLs: what the objects are, and what happens to them."""
