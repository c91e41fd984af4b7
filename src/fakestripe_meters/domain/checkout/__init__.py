"""Checkout: what a session asks for, what it comes to, and what is made when it is completed or expires."""
