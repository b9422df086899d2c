"""The two functions that mark a sentence for translation; sentences are written in Chinese."""

from __future__ import annotations

from typing import cast

from flask_babel import gettext, lazy_gettext  # type: ignore[import-untyped]


def translated(message: str, **values: object) -> str:
    """The sentence in the reader's language, with its values put in; nothing stays nothing."""
    return cast(str, gettext(message, **values)) if message else ""


def translated_later(message: str) -> object:
    """The same for tables made at import; it becomes text when it is shown."""
    return cast(object, lazy_gettext(message))


_ = translated
_l = translated_later
