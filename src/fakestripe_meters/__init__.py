"""A fake Stripe that counts usage like Stripe does."""

__version__ = "0.1.0"
