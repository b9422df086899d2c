"""规则 · 规则集: the sets by stage, a new one, and one set or version as a page. What buttons start lives beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook import drafts, scopes, sets
from oms.app.rulebook.changing import set_of
from oms.app.rulebook.drafts import Content
from oms.app.rulebook.scopes import Place
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person, shops
from oms.console.forms import read_whole
from oms.console.messages import _
from oms.console.notes import Note, say, status_of
from oms.console.rules import set_page as rule_set_page
from oms.console.rules import version_page as rule_version_page
from oms.console.rules.access import EDIT, VIEW, check_reach
from oms.console.rules.notes import note_of, show_error
from oms.console.rules.places import Named, Places, chain_of, chosen_place
from oms.console.rules.words import stage_words, who
from oms.console.security import requires
from oms.db.rulebook import STAGES
from oms.domain.errors import HubError, Invalid

pages = Blueprint("rules", __name__, url_prefix="/rules")
pages.register_error_handler(HubError, show_error)
#: The order of places within a stage: what holds for everybody first.
WIDE_FIRST: Final = tuple(reversed(scopes.PRECEDENCE))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The sets of one stage; `after` continues a list that is longer than a page."""

    stage: str
    rows: list[AnyRow] = field(default_factory=list)
    after: int = 0


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """The rule sets by stage; narrowed to a shop, those that may decide for it, with why each does or does not."""
    stage = request.args.get("stage", "")
    stage = stage if stage in STAGES else ""
    places = Places()
    place = places.find(request.args.get("place", ""))
    shelves = [_shelf(each, _places_within(place), bool(stage)) for each in ([stage] if stage else STAGES)]
    rows = [row for shelf in shelves for row in shelf.rows]
    return render_template(
        "rules/list.html", shelves=[shelf for shelf in shelves if shelf.rows], stage=stage, stages=stage_words(),
        place=place, places=places, people=who(row.activated_by for row in rows), why=_why(place, rows),
        reasons=scopes.REASONS, may_edit=person().allows(EDIT), count=len(rows),
    )  # fmt: skip


@pages.get("/new")
@requires(VIEW)
def new() -> str:
    """The form of a new rule set."""
    return _form(request.args)


@pages.post("/new")
@requires(EDIT)
def add() -> Response:
    """Make a rule set with an empty first draft, and go on with that."""
    try:
        place = chosen_place(request.form.get("place", ""))
        check_reach(EDIT, *place)
        stage = request.form.get("stage", "")
        if stage not in STAGES:
            raise Invalid("stage", _("选一个环节"))
        typed = request.form.get("name", ""), Content(comment=request.form.get("comment", ""))
        draft = clicked(drafts.create_set)(hub(), stage, *place, *typed, actor())
    except HubError as error:
        return make_response(_form(request.form, note_of(error)), status_of(error))
    say(_("规则集已建，第一份草稿还是空的"))
    return to_draft(set_of(hub(), draft), draft)


@pages.get("/<int:rule_set_id>")
@requires(VIEW)
def rule_set(rule_set_id: int) -> str:
    """One rule set with its versions."""
    return rule_set_page.render(rule_set_id)


@pages.get("/<int:rule_set_id>/versions/<int:version_id>")
@requires(VIEW)
def version(rule_set_id: int, version_id: int) -> str:
    """One version with its rules in words."""
    return rule_version_page.render(rule_set_id, version_id)


def to_draft(rule_set_id: int, version_id: int) -> Response:
    """Go to a draft that was made."""
    return redirect(url_for("rules.version", rule_set_id=rule_set_id, version_id=version_id), 303)


def _form(typed: Mapping[str, str], note: Note | None = None) -> str:
    places = Places()
    return render_template(
        "rules/new.html", typed=typed, note=note, stages=stage_words(), places=places.within(EDIT),
        may_edit=person().allows(EDIT), longest=drafts.LONGEST_NAME,
    )  # fmt: skip


def _places_within(place: Named | None) -> list[Place] | None:
    """The places whose sets are shown: of a shop all that may decide for it; None for every place."""
    if place is None:
        return None
    return chain_of(place.id) if place.scope == "shop" else [(place.scope, place.id)]


def _shelf(stage: str, within: list[Place] | None, is_alone: bool) -> Shelf:
    seen = shops(VIEW).ids
    if within is not None:
        found = [sets.list_sets(connection(), seen, stage=stage, scope=scope, scope_id=id_) for scope, id_ in within]
        return Shelf(stage, [row for rows in found for row in rows])
    after = read_whole(request.args.get("after", "")) or 0
    rows = sets.list_sets(connection(), seen, stage=stage, after=after if is_alone else 0)
    return Shelf(stage, _sorted(rows), rows[-1].id if len(rows) == sets.SIZE else 0)


def _sorted(rows: list[AnyRow]) -> list[AnyRow]:
    return sorted(rows, key=lambda row: (WIDE_FIRST.index(row.scope), row.scope_id, row.id))


def _why(place: Named | None, rows: list[AnyRow]) -> dict[int, str]:
    """Rule set id → why it decides for the shop that the list is narrowed to, or does not."""
    if place is None or place.scope != "shop":
        return {}
    stages = sorted({row.stage for row in rows})
    found = scopes.list_standings(connection(), [place.id], stages)
    return {each.rule_set_id: each.why for standing in found for each in standing.contenders if each.rule_set_id}
