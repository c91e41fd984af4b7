"""`fakestripe-meters compare`: one conversation with Stripe and with the fake, and where the two differ."""
