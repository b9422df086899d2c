"""设置 · 寻源: what pools, channels and shops say of it, who changed that and when; edit, try first, undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from sqlalchemy import text
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.steering.history import find_change, list_changes
from oms.app.pipeline.steering.plans import PLAN, undo_plan
from oms.app.pipeline.steering.policies import (
    POLICY,
    Kept,
    drop_setting,
    find_setting,
    list_places,
    list_settings,
    points_of,
    set_setting,
    undo_setting,
)
from oms.app.pipeline.steering.previewing import keep_preview
from oms.app.pipeline.steering.setting import Setting
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person, shops
from oms.console.forms import read_whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, offer_undo, say, say_refused, status_of
from oms.console.rendering import label
from oms.console.security import requires
from oms.console.sourcing import words
from oms.console.sourcing.access import EDIT, TRY, VIEW, check_reach, why_not
from oms.console.sourcing.asked import read_form, read_revision
from oms.console.telling.events import people_of
from oms.db.planning import SOURCING_SCOPES
from oms.domain.errors import HubError, Stale

pages = Blueprint("sourcing", __name__, url_prefix="/settings/sourcing")
PLACE: Final = f"/<any({','.join(SOURCING_SCOPES)}):scope>/<int:scope_id>"
LISTED: Final = 12


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Every pool, and channels and shops that say something of their own; what each shop goes by; last changes."""
    kept = list_settings(connection())
    places = {(row.scope, row.id): label(row.name, row.name_en) for row in list_places(connection(), shops(VIEW).ids)}
    shown = [find_setting(connection(), *place) for place in places if place[0] == "pool" or place in kept]
    changes = list_changes(connection(), shops(VIEW).ids, size=LISTED)
    return render_template(
        "settings/sourcing.html", places=places, shown=shown, words=words, changes=changes, book=book_of(shown, changes),
        people=people_of([row.by for row in changes] + [one.changed_by for one in shown]), shops_by=_who_speaks(kept),
        free=[place for place in places if place not in kept and place[0] != "pool"],
        may_undo={row.id: not why_not(EDIT, row.scope, row.scope_id) for row in changes},
    )  # fmt: skip


@pages.get("/open")
@requires(VIEW)
def open_place() -> Response:
    """The page of the place that was chosen."""
    scope, _colon, number = request.args.get("place", "").partition(":")
    scope_id = read_whole(number)
    if scope not in SOURCING_SCOPES or scope_id is None:
        abort(404)
    return redirect(url_for("sourcing.place", scope=scope, scope_id=scope_id))


@pages.get(PLACE)
@requires(VIEW)
def place(scope: str, scope_id: int) -> str:
    """What one place says, as a form."""
    _visible(scope, scope_id)
    return _form(scope, scope_id)


@pages.post(PLACE)
@requires(EDIT)
def save(scope: str, scope_id: int) -> Response:
    """Have the place say this, unless somebody else has changed it meanwhile."""
    _visible(scope, scope_id)
    try:
        check_reach(EDIT, scope, scope_id)
        wanted = read_form(points_of(connection(), scope, scope_id))
        revision = read_revision()
        now = clicked(set_setting)(hub(), scope, scope_id, wanted, revision, actor())
    except HubError as error:
        return make_response(_form(scope, scope_id, error), status_of(error))
    if now == revision:
        say(_("没有改动"))
    else:
        _offer_undo(scope, scope_id, _("寻源设置已存，两秒内生效；已经分好仓的单不动"))
    return redirect(url_for("sourcing.place", scope=scope, scope_id=scope_id), 303)


@pages.post(f"{PLACE}/drop")
@requires(EDIT)
def drop(scope: str, scope_id: int) -> Response:
    """Have the place say nothing of its own any more."""
    _visible(scope, scope_id)
    try:
        check_reach(EDIT, scope, scope_id)
        clicked(drop_setting)(hub(), scope, scope_id, read_revision(), actor())
    except HubError as error:
        return make_response(_form(scope, scope_id, error), status_of(error))
    _offer_undo(scope, scope_id, _("不再单独设，跟上一级"))
    return redirect(url_for("sourcing.listing"), 303)


@pages.post(f"{PLACE}/try")
@requires(TRY)
def try_first(scope: str, scope_id: int) -> Response:
    """Keep what is on the form as a variant, to be tried over orders; nothing follows it."""
    _visible(scope, scope_id)
    try:
        wanted = read_form(points_of(connection(), scope, scope_id))
        variant_id = clicked(keep_preview)(hub(), scope, scope_id, wanted, actor())
    except HubError as error:
        return make_response(_form(scope, scope_id, error), status_of(error))
    say(_("改动存成了方案，还没生效；选好看哪些单，点「开始算」"))
    return redirect(url_for("variants.listing", variant=variant_id), 303)


@pages.post("/changes/<int:change_id>/undo")
@requires(EDIT)
def undo(change_id: int) -> Response:
    """Put back what was said before a change, unless it was changed again."""
    try:
        change = find_change(connection(), change_id)
        _visible(change.scope, change.scope_id)
        check_reach(EDIT, change.scope, change.scope_id)
        clicked(undo_plan if change.subject == PLAN else undo_setting)(hub(), change_id, actor())
    except HubError as error:
        say_refused(error)
    else:
        say(_("改回去了"))
    return back(url_for("sourcing.listing"))


def _visible(scope: str, scope_id: int) -> None:
    """404 for a shop whose settings the person may not see."""
    if scope == "shop" and scope_id not in shops(VIEW).ids:
        abort(404)


def _offer_undo(scope: str, scope_id: int, told: str) -> None:
    newest = list_changes(connection(), shops(VIEW).ids, subject=POLICY, scope=scope, scope_id=scope_id, size=1)
    offer_undo(told, url_for("sourcing.undo", change_id=newest[0].id), {})


def _form(scope: str, scope_id: int, error: HubError | None = None) -> str:
    kept = find_setting(connection(), scope, scope_id)
    places = {(row.scope, row.id): label(row.name, row.name_en) for row in list_places(connection(), shops(VIEW).ids)}
    changes = list_changes(connection(), shops(VIEW).ids, subject=POLICY, scope=scope, scope_id=scope_id, size=LISTED)
    wider = _wider(scope, scope_id)
    setting = kept.setting if kept.revision or wider is None else wider.setting
    seen = book_of([kept, *([wider] if wider else [])], changes)
    return render_template(
        "settings/sourcing_place.html", scope=scope, scope_id=scope_id, name=places.get((scope, scope_id), ""), kept=kept,
        setting=setting, wider=wider, places=places, points=points_of(connection(), scope, scope_id), words=words,
        changes=changes, book=seen, note=_note(error, kept), typed=request.form if error else None,
        revision=read_revision() if error else kept.revision, is_stale=isinstance(error, Stale),
        people=people_of([row.by for row in changes] + [kept.changed_by]), why=why_not(EDIT, scope, scope_id),
        may_try=person().allows(TRY),
        codes="\n".join(" ".join(seen.skus.get(id_, "") for id_ in one) for one in setting.together_skus),
    )  # fmt: skip


def _note(error: HubError | None, kept: Kept) -> Note | None:
    """Who is told that somebody else was first is told who that was, too."""
    if not isinstance(error, Stale):
        return note_of(error) if error else None
    who = people_of([kept.changed_by]).get(kept.changed_by, kept.changed_by)
    title = _("没存：%(who)s 刚改过这里", who=who) if kept.revision else _("没存：别人刚把这里的设置去掉了")
    return Note(title, _("你填的还在下面。先看现在是什么，要改再改一次"), error.code)


def _wider(scope: str, scope_id: int) -> Kept | None:
    """What holds for a shop or channel that says nothing itself; a channel's shops go by their pools then."""
    if scope != "shop":
        return None
    row = (
        connection()
        .execute(
            text("select channel_id, coalesce(stock_pool_id, 0) as pool_id from shop where id = :id"), {"id": scope_id}
        )
        .one()
    )
    kept = list_settings(connection())
    found = kept.get(("channel", row.channel_id)) or kept.get(("pool", row.pool_id))
    return found or (find_setting(connection(), "pool", row.pool_id) if row.pool_id else None)


def _who_speaks(kept: Mapping[tuple[str, int], Kept]) -> list[tuple[AnyRow, str, int]]:
    """Each shop with the place that speaks for it; its pool where none of its own does."""
    rows = connection().execute(
        text("select id, name, channel_id, coalesce(stock_pool_id, 0) as pool_id from shop where id = any(:ids)"
             " order by name"), {"ids": shops(VIEW).ids}
    )  # fmt: skip
    return [
        (
            row,
            *next((key for key in (("shop", row.id), ("channel", row.channel_id)) if key in kept), ("pool", row.pool_id)),
        )
        for row in rows
    ]


def book_of(shown: list[Kept], changes: list[AnyRow]) -> words.Book:
    """Names of the stock points and SKUs that settings and changes speak of."""
    said: list[Mapping[str, Any]] = [one.setting.written() for one in shown]
    said += [one for row in changes for one in (row.before, row.after) if one]
    usual = Setting().written()
    points = sorted({id_ for one in said for id_ in one.get("points", usual["points"])})
    skus = sorted({id_ for one in said for line in one.get("together_skus", ()) for id_ in line})
    ask = connection().execute
    return words.Book(
        {row.id: row.name for row in ask(text("select id, name from stock_point where id = any(:ids)"), {"ids": points})},
        {row.id: row.code for row in ask(text("select id, code from sku where id = any(:ids)"), {"ids": skus})},
    )
