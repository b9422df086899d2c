"""规则 · 复制: all that is in force in one place as drafts in another, shop to shop or group to group."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook import copying, sets
from oms.app.rulebook.scopes import Place
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person, shops
from oms.console.messages import _
from oms.console.notes import Note, say, status_of
from oms.console.rules.access import EDIT, VIEW, check_reach, reaches
from oms.console.rules.notes import note_of
from oms.console.rules.places import Named, Places, chosen_place
from oms.console.rules.words import stage_words
from oms.console.security import requires
from oms.domain.errors import HubError, NotFound

pages = Blueprint("rule_copies", __name__, url_prefix="/rules")


@pages.get("/copy")
@requires(VIEW)
def form() -> str:
    """From where to where, and what would be copied."""
    return _render(request.args)


@pages.post("/copy")
@requires(EDIT)
def copy() -> Response:
    """Make the drafts."""
    try:
        source, target = (
            chosen_place(request.form.get("from", ""), "from"),
            chosen_place(request.form.get("to", ""), "to"),
        )
        if not reaches(VIEW, *source) and source[0] == "shop":
            raise NotFound("there is no such shop")
        check_reach(EDIT, *target)
        made = clicked(copying.copy_place)(hub(), source, target, actor(), request.form.get("comment", ""))
    except HubError as error:
        return make_response(_render(request.form, note_of(error)), status_of(error))
    say(_("%(n)s 份草稿已建，逐份看过再启用", n=len(made)))
    return redirect(url_for("rules.listing", place=request.form["to"]), 303)


def _render(typed: Mapping[str, str], note: Note | None = None) -> str:
    places = Places()
    source, target = places.find(typed.get("from", "")), places.find(typed.get("to", ""))
    return render_template(
        "rules/copy.html", typed=typed, note=note, places=places, targets=places.within(EDIT), source=source,
        target=target, stages=stage_words(), may_edit=person().allows(EDIT),
        rows=[row for row in _sets_of(source) if row.version_id], held={row.stage: row for row in _sets_of(target)},
    )  # fmt: skip


def _sets_of(place: Named | None) -> list[AnyRow]:
    if place is None:
        return []
    here: Place = (place.scope, place.id)
    return sets.list_sets(connection(), shops(VIEW).ids, scope=here[0], scope_id=here[1])
