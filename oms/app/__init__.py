"""Use cases, a room per activity; functions take many documents and never commit."""
