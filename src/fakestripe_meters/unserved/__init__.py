"""What Stripe has and the fake does not serve. Nothing here runs until a request is about to be refused."""
