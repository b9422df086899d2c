"""审核: the queue of each tier, a preview before the click, send back, take, hand over. Passing is in bulk.py."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.duty import teams_of
from oms.app.kernel.queries.order_list import goods_of, open_holds
from oms.app.kernel.queries.pages import SIZE
from oms.app.kernel.queries.review import TIERS, ReviewFilters, Whose, count_in_shops, count_queue, review_queue
from oms.app.kernel.queries.work import open_work
from oms.app.pipeline.previewing import Preview, preview_pass
from oms.app.pipeline.reviewing.claiming import USUAL
from oms.app.pipeline.reviewing.guard import Refusal
from oms.app.pipeline.reviewing.passing import Outcome
from oms.console import acts
from oms.console.context import actor, connection, hub, person, shops
from oms.console.forms import MOST_IDS, chosen_id, ids, read_whole, reason, ticked
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.refusals import told
from oms.console.reviewing.people import able_in, colleagues, read_target
from oms.console.security import requires
from oms.console.telling import words
from oms.console.telling.wording import hold_chips, tip_chips
from oms.domain.errors import HubError

#: A sentence about many orders names so many reasons; the session's cookie has little room.
MOST_REASONS = 3
#: The tabs of a queue: everything, what one has taken, what the team has, what nobody has.
TABS = {"": _l("全部"), "mine": _l("我领的"), "team": _l("我组的"), "free": _l("没人领的")}
pages = Blueprint("review", __name__, url_prefix="/review")


@pages.get("")
@requires("order.view")
def queue() -> str:
    """What waits at a tier, the nearest deadline first."""
    return render()


@pages.post("/preview")
@requires("order.view")
def preview() -> str:
    """The outcomes of passing what is ticked, before the click."""
    tier = tier_of(request.form.get("tier", "1"))
    chosen = ticked()[:MOST_IDS]
    found = Preview()
    if chosen:
        found = preview_pass(hub(), connection(), shops().ids, chosen, tier, actor(), person().allows)
    return render_template(
        "parts/bulk.html", preview=found, chosen=len(chosen), tier=tier, why=why_stays, held=hold_word, may=may(),
        colleagues=colleagues(tier) if chosen else [],
    )  # fmt: skip


@pages.post("/send-back")
@requires("order.send_back")
def send_back_chosen() -> Response:
    """Send the ticked orders back with one reason."""
    tier = tier_of(request.form.get("tier", "1"))
    try:
        outcomes = acts.send_back(own(ids(), "order.send_back"), tier, reason())
    except HubError as error:
        return make_response(render(tier, note_of(error)), status_of(error))
    say_outcomes(outcomes, _l("%(n)s 单已驳回"), _l("%(n)s 单没驳回：%(why)s"))
    return back(url_for("review.queue", tier=tier))


@pages.post("/claim")
@requires("order.pass_review")
def claim() -> Response:
    """Take the next twenty that nobody has."""
    tier = tier_of(request.form.get("tier", "1"))
    try:
        taken = acts.claim_next(tier, shops("order.pass_review").ids)
    except HubError as error:
        return make_response(render(tier, note_of(error)), status_of(error))
    if taken:
        say(_("领取了 %(n)s 单", n=len(taken)))
        return back(url_for("review.queue", tier=tier, whose="mine"))
    say(_("没有可领的：都有人领了，或超过你的限额"), "warn")
    return back(url_for("review.queue", tier=tier))


@pages.post("/hand-over")
@requires("order.pass_review")
def hand_over_chosen() -> Response:
    """Hand the ticked orders to a colleague or a team."""
    tier = tier_of(request.form.get("tier", "1"))
    try:
        user_id, team_id = read_target()
        outcomes = acts.hand_over(own(ids(), "order.pass_review"), tier, user_id, team_id, request.form.get("why", ""))
    except HubError as error:
        return make_response(render(tier, note_of(error)), status_of(error))
    say_outcomes(outcomes, _l("%(n)s 单已转交"), _l("%(n)s 单没转交：%(why)s"))
    return back(url_for("review.queue", tier=tier))


@pages.post("/give-back")
@requires("order.pass_review")
def give_back_chosen() -> Response:
    """Let the ticked orders go, which one has taken."""
    tier = tier_of(request.form.get("tier", "1"))
    try:
        outcomes = acts.give_back(own(ids(), "order.pass_review"), tier)
    except HubError as error:
        return make_response(render(tier, note_of(error)), status_of(error))
    say_outcomes(outcomes, _l("%(n)s 单已放回"), _l("%(n)s 单没放回：%(why)s"))
    return back(url_for("review.queue", tier=tier))


def why_stays(refusal: Refusal) -> str:
    """Why an order of a selection would not pass."""
    return hold_word(refusal.hold) if refusal.hold else told(refusal.words)


def hold_word(kind: str) -> str:
    """The word for a kind of hold."""
    return words.hold(kind, 1).word


def tier_of(text: str) -> int:
    """A tier's bit as an address or a form names it; 404 for anything else."""
    number = read_whole(text)
    if number not in TIERS:
        abort(404)
    return number


def own(chosen: list[int], permission: str) -> list[int]:
    """The chosen orders, all in shops where the person may do this; 403 otherwise."""
    if count_in_shops(connection(), shops(permission).ids, chosen) != len(set(chosen)):
        abort(403)
    return chosen


def may() -> dict[str, bool]:
    """What of the bulk bar the person may use."""
    return {name: person().allows(f"order.{name}") for name in ("pass_review", "send_back")}


def say_outcomes(outcomes: list[Outcome], done: object, refused: object) -> None:
    """What became of each of many orders."""
    good = [one for one in outcomes if one.is_done]
    bad = [one for one in outcomes if not one.is_done]
    if good:
        say(str(done) % {"n": len(good)})
    if bad:
        say(str(refused) % {"n": len(bad), "why": few_of([one.words for one in bad])}, "warn")


def few_of(words_: Sequence[str]) -> str:
    """The first reasons of many, so that a sentence stays one that can be read."""
    reasons = list(dict.fromkeys(told(one) for one in words_))
    shown = _("；").join(reasons[:MOST_REASONS])
    more = len(reasons) - MOST_REASONS
    return _("%(why)s；另有 %(n)s 种原因", why=shown, n=more) if more > 0 else shown


def render(tier: int | None = None, note: Note | None = None) -> str:
    """The page of a queue, with a note when something was refused."""
    tier = tier or tier_of(request.args.get("tier", "1"))
    filters = ReviewFilters(
        tier, chosen_id("shop"), request.args.get("cod") == "1", _whose(request.args.get("whose", ""))
    )
    now, seen = hub().clock(), shops().ids
    rows = MOST_IDS if request.args.get("rows") == str(MOST_IDS) else SIZE
    page = review_queue(connection(), seen, filters, request.args.get("at", ""), now, rows)
    found = [row.id for row in page.rows]
    counts = {
        kind: count_queue(connection(), seen, ReviewFilters(tier, filters.shop_id, filters.is_cod, _whose(kind)), now)
        for kind in TABS
    }
    return render_template(
        "review.html",
        page=page,
        tier=tier,
        tiers=TIERS,
        tabs=TABS,
        counts=counts,
        most=MOST_IDS,
        usual=USUAL,
        filters=filters,
        shops=shops(),
        work=open_work(connection(), seen),
        holds=hold_chips(open_holds(connection(), found)),
        tips=tip_chips,
        goods=goods_of(connection(), found),
        able=able_in(page.rows, tier),
        preview=Preview(),
        may=may(),
        note=note,
    )


def _whose(kind: str) -> Whose:
    """Whose orders a tab shows; a kind that nobody knows shows all."""
    if kind not in TABS:
        return Whose()
    teams = tuple(teams_of(connection(), person().id)) if kind == "team" else ()
    return Whose(kind, person().id, teams)
