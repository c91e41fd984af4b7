"""Usage files: read, checked as a whole, and counted in pieces."""
