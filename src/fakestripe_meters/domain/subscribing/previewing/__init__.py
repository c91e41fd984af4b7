"""Previews of invoices: of a subscription, of a change to it, of one that does not exist yet."""
