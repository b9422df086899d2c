"""审核: the queue of each tier, a preview before the click, pass and send back."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.order_list import goods_of, open_holds
from oms.app.kernel.queries.review import TIERS, Preview, ReviewFilters, preview_pass, review_queue
from oms.app.kernel.queries.work import open_work
from oms.app.pipeline.passing import Outcome
from oms.console import acts, words
from oms.console.context import connection, person, shops
from oms.console.forms import MOST_IDS, chosen_id, ids, read_whole, reason, ticked
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, offer_undo, say, status_of
from oms.console.refusals import told
from oms.console.security import requires
from oms.console.wording import hold_chips, tip_chips
from oms.domain.errors import HubError

#: The button that takes a pass back travels in the session's cookie, which holds so many numbers.
MOST_UNDONE = 100
pages = Blueprint("review", __name__, url_prefix="/review")


@pages.get("")
@requires("order.view")
def queue() -> str:
    """What waits at a tier, the nearest deadline first."""
    return _render()


@pages.post("/preview")
@requires("order.view")
def preview() -> str:
    """The outcomes of passing what is ticked, before the click."""
    tier = _tier(request.form.get("tier", "1"))
    chosen = ticked()[:MOST_IDS]
    found = preview_pass(connection(), shops().ids, chosen, tier) if chosen else Preview()
    return render_template("parts/bulk.html", preview=found, chosen=len(chosen), tier=tier, why=why_stays, may=_may())


@pages.post("/pass")
@requires("order.pass_review")
def pass_chosen() -> Response:
    """Pass the ticked orders at a tier."""
    tier = _tier(request.form.get("tier", "1"))
    try:
        chosen = _own(ids(), "order.pass_review")
        outcomes = acts.pass_orders(chosen, tier)
    except HubError as error:
        return make_response(_render(tier, note_of(error)), status_of(error))
    _say_outcomes(outcomes, _l("%(n)s 单已通过"), _l("%(n)s 单没通过：%(why)s"), tier)
    return back(url_for("review.queue", tier=tier))


@pages.post("/pass/back")
@requires("order.pass_review")
def take_back_chosen() -> Response:
    """Take back that orders were passed at a tier, those of which nothing has left."""
    tier = _tier(request.form.get("tier", "1"))
    try:
        outcomes = acts.take_pass_back(_own(ids(), "order.pass_review"), tier, reason())
    except HubError as error:
        return make_response(_render(tier, note_of(error)), status_of(error))
    _say_outcomes(outcomes, _l("%(n)s 单已收回通过"), _l("%(n)s 单没收回：%(why)s"))
    return back(url_for("review.queue", tier=tier))


@pages.post("/send-back")
@requires("order.send_back")
def send_back_chosen() -> Response:
    """Send the ticked orders back with one reason."""
    tier = _tier(request.form.get("tier", "1"))
    try:
        outcomes = acts.send_back(_own(ids(), "order.send_back"), tier, reason())
    except HubError as error:
        return make_response(_render(tier, note_of(error)), status_of(error))
    _say_outcomes(outcomes, _l("%(n)s 单已驳回"), _l("%(n)s 单没驳回：%(why)s"))
    return back(url_for("review.queue", tier=tier))


def why_stays(code: str) -> str:
    """Why an order of a selection would not pass."""
    return _("已不在这一级") if code == "moved" else words.hold(code, 1).word


def _tier(text: str) -> int:
    number = read_whole(text)
    if number not in TIERS:
        abort(404)
    return number


def _own(chosen: list[int], permission: str) -> list[int]:
    """The chosen orders, all in shops where the person may do this; 403 otherwise."""
    seen = preview_pass(connection(), shops(permission).ids, chosen, 1)
    known = seen.count + len(seen.staying)
    if known != len(set(chosen)):
        abort(403)
    return chosen


def _may() -> dict[str, bool]:
    return {name: person().allows(f"order.{name}") for name in ("pass_review", "send_back")}


def _say_outcomes(outcomes: list[Outcome], done: object, refused: object, passed_at: int = 0) -> None:
    """What became of each; a pass at a tier can be taken back."""
    good = [one for one in outcomes if one.is_done]
    bad = [one for one in outcomes if not one.is_done]
    if good:
        words = str(done) % {"n": len(good)}
        fields = {"tier": passed_at, "id": [one.order_id for one in good], "reason": _("点错了，撤回")}
        if passed_at and len(good) <= MOST_UNDONE:
            offer_undo(words, url_for("review.take_back_chosen"), fields)
        else:
            say(words)
    if bad:
        why = _("；").join(dict.fromkeys(told(one.words) for one in bad))
        say(str(refused) % {"n": len(bad), "why": why}, "warn")


def _render(tier: int | None = None, note: Note | None = None) -> str:
    tier = tier or _tier(request.args.get("tier", "1"))
    filters = ReviewFilters(tier, chosen_id("shop"), request.args.get("cod") == "1")
    page = review_queue(connection(), shops().ids, filters, request.args.get("at", ""))
    found = [row.id for row in page.rows]
    return render_template(
        "review.html",
        page=page,
        tier=tier,
        tiers=TIERS,
        filters=filters,
        shops=shops(),
        work=open_work(connection(), shops().ids),
        holds=hold_chips(open_holds(connection(), found)),
        tips=tip_chips,
        goods=goods_of(connection(), found),
        preview=Preview(),
        may=_may(),
        note=note,
    )
