"""What a person chose for themselves: language and theme."""

from __future__ import annotations

from sqlalchemy import Connection, update

from oms.db.people import User

LOCALES = ("zh", "en")
THEMES = ("light", "dark", "system")


def set_locale(connection: Connection, user_id: int, locale: str) -> None:
    """The person reads the console in this language."""
    connection.execute(update(User).where(User.id == user_id).values(locale=locale))


def set_theme(connection: Connection, user_id: int, theme: str) -> None:
    """The person sees the console in this theme."""
    connection.execute(update(User).where(User.id == user_id).values(theme=theme))
