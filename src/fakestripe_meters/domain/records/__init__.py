"""What is stored of each object: its record, its table, how it is found, and how Stripe shows it."""
