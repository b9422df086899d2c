"""设置 · 人员: who may sign in and with which roles."""

from __future__ import annotations

from flask import Blueprint, render_template

from oms.app.kernel.queries.settings import people
from oms.console.context import connection
from oms.console.security import requires

pages = Blueprint("people", __name__, url_prefix="/settings/people")


@pages.get("")
@requires("people.view")
def listing() -> str:
    """Everyone with their roles."""
    return render_template("settings/people.html", people=people(connection()))
