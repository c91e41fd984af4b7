"""Time, state, arithmetic and sentences: the standard library only, and nothing of HTTP."""
