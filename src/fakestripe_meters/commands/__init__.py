"""What the command line does: the flags of its commands, and those that start a server."""
