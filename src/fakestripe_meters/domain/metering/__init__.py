"""Usage: how meter events are checked and counted, and how it is read back."""
