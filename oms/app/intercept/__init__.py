"""Stopping what must not leave: one order wherever it is, or everything at once."""
