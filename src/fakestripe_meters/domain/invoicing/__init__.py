"""Invoices: how they are created, credited and collected; and the billing credits and alerts that follow usage."""
