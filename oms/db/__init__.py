"""Tables by noun, sessions, bulk writing and sealed columns; no behaviour."""
