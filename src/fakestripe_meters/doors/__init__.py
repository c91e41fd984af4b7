"""Ways into the engine: each door translates between it and one library."""
