"""Deadlines of orders: pauses, warnings, and who is told of late ones."""
