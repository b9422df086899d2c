"""门店: a store's day on its own screens: tasks, what has come, handing over, what goes back."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.point_scope import store_points_of
from oms.app.kernel.queries import stores as queries
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.stores import handing, rounds, tasks
from oms.app.pipeline.stores.acting import Doing
from oms.app.pipeline.stores.codes_shown import is_buyer_told
from oms.app.pipeline.stores.money import Taken
from oms.app.pipeline.stores.stops import kept_parcels, kept_tasks
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person
from oms.console.forms import money, read_whole
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("stores", __name__, url_prefix="/stores")
WORK: Final = "store.work"
#: What who leads a store does beside: the day, cash, answers of differences; and the store's own settings.
LEAD: Final = "store.lead"
SET_OWN: Final = "store.set_own"
REFUSALS: Final = {"out_of_stock": _l("没货了"), "too_busy": _l("忙不过来"), "closing": _l("要打烊了"),
                   "too_far": _l("太远"), "other": _l("其他")}  # fmt: skip
NOT_TAKEN: Final = {"not_wanted": _l("不想要了"), "damaged": _l("货坏了"), "wrong_goods": _l("货不对"),
                    "not_there": _l("人不在"), "not_paid": _l("不肯付款"), "other": _l("其他")}  # fmt: skip
METHODS: Final = {"wechat": _l("微信"), "alipay": _l("支付宝"), "cash": _l("现金"), "card": _l("刷卡"),
                  "other": _l("其他")}  # fmt: skip


def my_points() -> list[int]:
    """Ids of the stock points the person works at."""
    return store_points_of(connection(), person(), WORK)


def my_stores() -> tuple[list[AnyRow], AnyRow | None]:
    """The person's stores, and the one in view: as asked for, else the first."""
    stores = queries.points(connection(), my_points())
    wanted = read_whole(request.values.get("point", ""))
    return stores, next((row for row in stores if row.id == wanted), stores[0] if stores else None)


def doing(point_id: int) -> Doing:
    """The person's click at one of their points, with the key that the form brought."""
    if point_id not in my_points():
        abort(404)
    return Doing(point_id, actor(), request.form.get("key", "")[:64] or new_key())


def new_key() -> str:
    """A key for one form, so that sending it twice does it once."""
    return secrets.token_hex(8)


def show(template: str, at: str, point: AnyRow | None, stores: list[AnyRow], note: Note | None, **values: Any) -> str:
    """A screen of the store."""
    return render_template(
        f"stores/{template}", here_at=at, point=point, stores=stores, note=note, key=new_key(),
        leads=person().allows(LEAD), sets=person().allows(SET_OWN), **values,
    )  # fmt: skip


def attempt(act: Callable[[], Any], words: str, then: str, again: Callable[[Note], str]) -> Response:
    """Do it and go on; a refusal stays on the screen."""
    try:
        clicked(act)()
    except HubError as error:
        return make_response(again(note_of(error)), status_of(error))
    if words:
        say(words)
    return redirect(then, 303)


@pages.get("")
@requires(WORK)
def today() -> str:
    """Orders for the store's own goods."""
    return _tasks()


def _tasks(note: Note | None = None) -> str:
    stores, point = my_stores()
    rows = queries.tasks(connection(), point.id) if point else []
    return show("tasks.html", "tasks", point, stores, note, rows=rows, refusals=REFUSALS,
                kept=kept_tasks(connection(), [row.id for row in rows]))  # fmt: skip


@pages.post("/tasks/<int:fulfilment_id>/<verb>")
@requires(WORK)
def act_on_task(fulfilment_id: int, verb: str) -> Response:
    """Accept, refuse, pick, make ready, or put back what was called off."""
    click = doing(read_whole(request.form.get("point", "")) or 0)
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "accept": (lambda: tasks.accept(hub(), click, fulfilment_id), _("接单了，去拣货")),
        "refuse": (lambda: tasks.refuse(hub(), click, fulfilment_id, request.form.get("reason", "")),
                   _("拒单了，系统另找门店")),
        "pick": (lambda: tasks.pick(hub(), click, fulfilment_id), _("拣好了，打包后点“备好”")),
        "finish": (lambda: tasks.finish(hub(), click, fulfilment_id, request.form.get("shelf", "").strip()),
                   _("备好了，在“交付”里")),
        "give-back": (lambda: tasks.give_stopped_back(hub(), click, fulfilment_id), _("货放回货架了")),
    }  # fmt: skip
    if verb not in acts:
        abort(404)
    act, words = acts[verb]
    return attempt(act, words, url_for("stores.today", point=click.point_id), _tasks)


@pages.get("/hand-over")
@requires(WORK)
def waiting() -> str:
    """Parcels at the store, found by scanning or by the phone's last digits."""
    return _waiting()


def _waiting(note: Note | None = None) -> str:
    stores, point = my_stores()
    words = request.args.get("q", "").strip()[:60]
    rows: list[AnyRow] = []
    if point and words:
        tails = hub().keys.blinds("tail", words) if len(words) == 4 and words.isdigit() else set()
        rows = queries.find_parcels(connection(), point.id, words, tails)
    elif point:
        rows = queries.parcels(connection(), point.id)
    return show("waiting.html", "waiting", point, stores, note, rows=rows, words=words,
                kept=kept_parcels(connection(), [row.id for row in rows if not row.ended_at]))  # fmt: skip


@pages.get("/parcels/<int:parcel_id>")
@requires(WORK)
def parcel(parcel_id: int) -> str:
    """One parcel, and what may be done with it."""
    return _parcel(parcel_id)


def _parcel(parcel_id: int, note: Note | None = None) -> str:
    row = queries.parcel(connection(), parcel_id, my_points())
    if row is None:
        abort(404)
    stores = queries.points(connection(), my_points())
    point = next((store for store in stores if store.id == row.stock_point_id), None)
    return show("parcel.html", "waiting", point, stores, note, row=row, reasons=NOT_TAKEN, methods=METHODS,
                kept=kept_parcels(connection(), [row.id]))  # fmt: skip


@pages.post("/parcels/<int:parcel_id>/<verb>")
@requires(WORK)
def act_on_parcel(parcel_id: int, verb: str) -> Response:
    """Make ready, hand over, go out, come back unmet, refuse, put back, send a new code."""
    row = queries.parcel(connection(), parcel_id, my_points())
    if row is None:
        abort(404)
    click, form = doing(row.stock_point_id), request.form
    if verb == "go-out":
        return _go_out(click, parcel_id)
    told = _told_of(row) if verb in ("ready", "new-code") else _told_buyer
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "ready": (lambda: handing.ready(hub(), click, parcel_id, form.get("shelf", "").strip()), told("ready")),
        "hand-over": (lambda: handing.hand_over(hub(), click, parcel_id, form.get("code", ""), _taken(row)),
                      _("交付完成")),
        "not-met": (lambda: handing.not_met(hub(), click, parcel_id), _("没碰上人，回到待送")),
        "refuse": (lambda: handing.refuse(hub(), click, parcel_id, form.get("reason", "")), _("记下拒收了")),
        "put-back": (lambda: handing.put_back(hub(), click, parcel_id), _("货放回货架了")),
        "new-code": (lambda: handing.renew_code(hub(), click, parcel_id), told("new-code")),
    }  # fmt: skip
    if verb not in acts:
        abort(404)
    act, words = acts[verb]
    stays = verb in ("ready", "not-met", "new-code")
    then = url_for("stores.parcel", parcel_id=parcel_id) if stays else url_for("stores.waiting", point=click.point_id)

    def checked() -> None:
        act()

    return attempt(checked, words, then, lambda note: _parcel(parcel_id, note))


def _go_out(click: Doing, parcel_id: int) -> Response:
    """A round of one parcel: its page shows the clerk where to go."""
    try:
        round_id = clicked(rounds.start_round)(hub(), click, [parcel_id])
    except HubError as error:
        return make_response(_parcel(parcel_id, note_of(error)), status_of(error))
    return redirect(url_for("stores_rounds.one", round_id=round_id), 303)


def _told_of(row: AnyRow) -> Callable[[str], str]:
    """What the clerk reads of who was told."""
    if row.leg != "pickup":
        return lambda verb: _("备好了，等着送")
    return _told_buyer if is_buyer_told(hub(), connection(), row.id) else _told_with


def _told_buyer(verb: str) -> str:
    return {"ready": _("备好了，已通知买家"), "new-code": _("新的取货码已发给买家")}[verb]


def _told_with(verb: str) -> str:
    """No template tells the buyer, so customer service does."""
    done = {"ready": _("备好了"), "new-code": _("换了新的取货码")}[verb]
    return _("%(done)s；没有能发给买家的通知，由客服在订单页看取货码告诉买家", done=done)


def _taken(row: AnyRow) -> Taken | None:
    """The money that was typed in; None where nothing is due."""
    if not row.due_amount:
        return None
    return Taken(money("amount", row.currency), request.form.get("method", ""), request.form.get("reference", "").strip())
