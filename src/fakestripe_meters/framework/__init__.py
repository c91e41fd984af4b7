"""How an operation is declared, listed and expanded. Knows none of Stripe's objects."""
