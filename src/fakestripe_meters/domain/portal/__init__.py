"""The customer portal: what it lets customers do, and what becomes of what they do."""
