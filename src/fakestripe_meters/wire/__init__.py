"""Read requests into typed parameters, and write answers: forms, JSON, envelopes. Knows none of Stripe's objects."""
