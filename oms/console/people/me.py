"""The person's own choices: language and theme."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.preferences import LOCALES, THEMES, set_locale, set_theme
from oms.console.context import hub, person
from oms.console.messages import _l
from oms.console.notes import back
from oms.console.security import SIGNED_IN, requires

pages = Blueprint("me", __name__, url_prefix="/me")


#: Pages of the sign-in that belong to the person, where the application has them.
OWN_PAGES = {
    "security.change_password": _l("改密码"),
    "security.two_factor_setup": _l("第二步验证"),
    "security.mf_recovery_codes": _l("恢复码"),
}


@pages.get("")
@requires(SIGNED_IN)
def choices() -> str:
    """The person's own choices and the pages of their sign-in."""
    there = {name: label for name, label in OWN_PAGES.items() if name in current_app.view_functions}
    return render_template("me.html", themes=THEMES, locales=LOCALES, sign_in_pages=there)


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
