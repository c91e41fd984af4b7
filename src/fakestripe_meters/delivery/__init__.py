"""Webhooks: published events are signed and sent to endpoints over HTTP, or passed to handlers in this process."""
