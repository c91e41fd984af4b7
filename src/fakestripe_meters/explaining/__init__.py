"""Why a number is what it is: usage by its events, invoices by their lines, and how both differ from what a test wants."""
