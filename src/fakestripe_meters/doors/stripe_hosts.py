"""Stripe's host names, which the fake answers for if calls are intercepted, or sent to it over HTTPS."""

HOSTS = ("api.stripe.com", "connect.stripe.com", "files.stripe.com", "meter-events.stripe.com")
