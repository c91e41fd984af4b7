"""Out of the fake: what was published is signed and sent to webhook endpoints, and may be received in process."""
