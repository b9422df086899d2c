"""Alembic migrations; versions/ is named by date."""
