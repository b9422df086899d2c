"""Two languages: Chinese is written in the code, English comes from a .po file read at start (no compiling)."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]

from oms.console.security import current_person

CATALOGUES = Path(__file__).parent / "translations"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
TIMEZONE = "Asia/Shanghai"


class WrittenDomain(Domain):  # type: ignore[misc]
    """The console's messages, read from .po files instead of compiled ones."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._catalogues = {path.parent.parent.name: load_catalogue(path) for path in folder.glob("*/*/*.po")}

    def get_translations(self) -> NullTranslations:
        """The messages of the request's language; Chinese needs none."""
        locale = get_locale()
        found = self._catalogues.get(locale.language) if locale else None
        return found or NullTranslations()


@cache
def load_catalogue(path: Path) -> Translations:
    """The messages of one .po file, read once a process."""
    with path.open("rb") as source:
        catalogue = read_po(source, charset="utf-8")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def language() -> str:
    """ "zh" or "en"."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def choose_locale() -> str:
    """The person's own language; before sign-in what the browser prefers, else Chinese."""
    person = current_person()
    wanted = person.locale if person else request.accept_languages.best_match(list(LOCALES), "zh")
    return LOCALES.get(wanted, LOCALES["zh"])


def speak(app: Flask) -> None:
    """Give the application its languages; an application that has Babel already keeps it."""
    if "babel" not in app.extensions:
        Babel(
            app,
            default_locale=LOCALES["zh"],
            default_timezone=TIMEZONE,
            locale_selector=choose_locale,
        )
    settings = app.extensions["babel"]
    settings.locale_selector = choose_locale
    settings.default_timezone = TIMEZONE
    settings.instance.domain_instance = WrittenDomain(CATALOGUES)
