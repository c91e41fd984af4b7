"""Why a number is what it is: usage by its events, invoices by their lines. What differs from what a test wants."""
