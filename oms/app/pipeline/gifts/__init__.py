"""Gifts by rules: wanted, granted, kept in step, merged, and gone with their line."""
