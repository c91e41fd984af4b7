"""Invoices: drawn up, credited, collected; and the billing credits and alerts that follow usage."""
