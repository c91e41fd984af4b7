"""Ways in: each translates between the engine and one library."""
