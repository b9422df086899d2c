"""Background work: signals through procrastinate, pumps that drain rows, the clock. No business rules live here."""
