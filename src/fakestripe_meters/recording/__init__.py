"""`fakestripe-meters record`: a proxy in front of Stripe that writes what is said, without names and secrets."""
