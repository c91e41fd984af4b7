"""Subscription schedules: what is planned for a subscription, and how it comes about."""
