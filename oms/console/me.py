"""The person's own choices: language and theme."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.preferences import LOCALES, THEMES, set_locale, set_theme
from oms.console.context import hub, person
from oms.console.notes import back
from oms.console.security import SIGNED_IN, requires

pages = Blueprint("me", __name__, url_prefix="/me")


@pages.post("/language")
@requires(SIGNED_IN)
def change_language() -> Response:
    """Read the console in another language from now on."""
    wanted = request.form.get("locale", "")
    if wanted not in LOCALES:
        abort(400)
    with hub().begin() as connection:
        set_locale(connection, person().id, wanted)
    return back(url_for("home.home"))


@pages.post("/theme")
@requires(SIGNED_IN)
def change_theme() -> Response:
    """Light, dark, or as the system has it."""
    wanted = request.form.get("theme", "")
    if wanted not in THEMES:
        abort(400)
    with hub().begin() as connection:
        set_theme(connection, person().id, wanted)
    return back(url_for("home.home"))
