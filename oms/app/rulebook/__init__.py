"""Rules bound to documents: the vocabulary, the active rule sets, decisions and their record."""
