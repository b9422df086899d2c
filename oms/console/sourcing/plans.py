"""设置 · 寻源计划: which pools are planned for, what a plan says point by point, prices of scarce stock, compute now."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.steering.followed import count_followed
from oms.app.pipeline.steering.history import list_changes
from oms.app.pipeline.steering.plan_told import ZONES, tell_plan
from oms.app.pipeline.steering.plans import BOUNDS, PLAN, PlanSetting, compute_now, find_plan, list_plans, set_plan
from oms.app.pipeline.steering.policies import find_setting
from oms.app.stock.planning.renewing import HEAVY
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub
from oms.console.forms import whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, say_refused, status_of
from oms.console.rendering import now
from oms.console.security import requires
from oms.console.sourcing import words
from oms.console.sourcing.access import EDIT, VIEW, check_reach, why_not
from oms.console.sourcing.asked import read_revision
from oms.console.telling.events import people_of
from oms.domain.errors import HubError, Stale

pages = Blueprint("sourcing_plans", __name__, url_prefix="/settings/sourcing/plans")
LISTED: Final = 8


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Every pool: whether it is planned for, how old its plan is, what went wrong."""
    rows = list_plans(connection())
    at = hub().clock()
    followed = {row.id: count_followed(connection(), row.id, at) for row in rows if row.is_on}
    return render_template(
        "settings/sourcing_plans.html", rows=rows, words=words, state_of=state_of, followed=followed,
        why=why_not(EDIT, "pool", 0),
    )  # fmt: skip


@pages.get("/<int:pool_id>")
@requires(VIEW)
def show(pool_id: int) -> str:
    """One pool's plan: who carries how much of each zone and type of orders, prices of scarce stock."""
    return _page(pool_id)


@pages.post("/<int:pool_id>")
@requires(EDIT)
def save(pool_id: int) -> Response:
    """Switch planning on or off, or change how it is done; on, a plan is made at once."""
    try:
        check_reach(EDIT, "pool", pool_id)
        numbers = {name: whole(name, low=least, high=most) for name, (least, most) in BOUNDS.items()}
        wanted = PlanSetting(is_on=request.form.get("is_on") == "on", **numbers)
        clicked(set_plan)(hub(), pool_id, wanted, read_revision(), actor())
    except HubError as error:
        return make_response(_page(pool_id, error), status_of(error))
    say(_("寻源计划开着，马上算一次") if wanted.is_on else _("寻源计划关了，两秒内不再照它分仓"))
    return redirect(url_for("sourcing_plans.show", pool_id=pool_id), 303)


@pages.post("/<int:pool_id>/compute")
@requires(EDIT)
def compute(pool_id: int) -> Response:
    """Have the plan made now."""
    try:
        check_reach(EDIT, "pool", pool_id)
        clicked(compute_now)(hub(), pool_id, actor())
    except HubError as error:
        say_refused(error)
    else:
        say(_("排上了，几秒后刷新看新的计划"))
    return back(url_for("sourcing_plans.show", pool_id=pool_id))


def state_of(row: AnyRow) -> tuple[str, str]:
    """How a pool's plan stands: a word and its tone."""
    if not row.is_on:
        return _("关着"), "off"
    if row.made_at is None:
        return _("第一次正在算"), ""
    if row.error:
        return _("没算出来"), "fail"
    if row.valid_until is not None and row.valid_until <= now():
        return _("过期了，没在用"), "hold"
    return (_("照着分"), "now") if row.kinds else (_("没有紧缺的货，不用计划"), "ok")


def _page(pool_id: int, error: HubError | None = None) -> str:
    row = find_plan(connection(), pool_id)
    zone = request.args.get("by", "province")
    changes = list_changes(connection(), [], subject=PLAN, scope="pool", scope_id=pool_id, size=LISTED)
    return render_template(
        "settings/sourcing_plan.html", row=row, told=tell_plan(connection(), pool_id, zone), zone=zone, zones=ZONES,
        words=words, state=state_of(row), followed=count_followed(connection(), pool_id, hub().clock()),
        changes=changes, people=people_of([one.by for one in changes] + [row.changed_by]), book=words.Book({}, {}),
        heavy=HEAVY if find_setting(connection(), "pool", pool_id).setting.policy == "whole_first" else 0,
        note=_note(error, row), typed=request.form if error else None,
        revision=read_revision() if error else row.revision, why=why_not(EDIT, "pool", pool_id),
    )  # fmt: skip


def _note(error: HubError | None, row: AnyRow) -> Note | None:
    if not isinstance(error, Stale):
        return note_of(error) if error else None
    who = people_of([row.changed_by]).get(row.changed_by, row.changed_by)
    return Note(_("没存：%(who)s 刚改过这里", who=who), _("你填的还在。先看现在是什么，要改再改一次"), error.code)
