"""What tests need besides Stripe's API: assertions with explanations, failures, and control of the process's time."""
