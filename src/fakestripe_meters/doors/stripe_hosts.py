"""Stripe's own host names, which the fake answers for where calls are intercepted or sent to it by HTTPS."""

HOSTS = ("api.stripe.com", "connect.stripe.com", "files.stripe.com", "meter-events.stripe.com")
