"""The read side: one module per screen, plain Core statements over indexes, keyset pages."""
