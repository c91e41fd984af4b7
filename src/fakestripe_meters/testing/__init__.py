"""What a test asks for besides Stripe: assertions with explanations, accidents, a process whose time stands still."""
