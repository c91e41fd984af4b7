"""What a customer pays with, and how money moves."""
