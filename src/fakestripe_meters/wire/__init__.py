"""Bytes ↔ trees ↔ typed parameters: forms, JSON, envelopes; nothing of what a meter is."""
