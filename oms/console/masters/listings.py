"""设置 · 货品匹配: what shops sell, matched to SKUs and bundles; orders that waited for it go on."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.listings import Pair
from oms.app.capture.suggesting import suggest, sure_ones
from oms.app.kernel.queries import listings as queries
from oms.app.kernel.queries.names import ShopName
from oms.app.kernel.queries.pages import AnyRow
from oms.console.context import connection, person, shops
from oms.console.forms import ids, read_whole
from oms.console.masters import listing_acts as acts
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("listings", __name__, url_prefix="/settings/listings")
MATCH = "listing.match"
MOST_WORDS = 100


@pages.get("")
@requires("shop.view")
def listing() -> str:
    """Listings of one shop: the unmatched first, each with a suggestion and the orders it holds up."""
    return _render()


@pages.post("/pull")
@requires(MATCH)
def pull() -> Response:
    """Read what the shop sells on its platform; `cursor` goes on where the last click stopped."""
    try:
        shop = _chosen()
        pulled = acts.pull_listings(shop.id, request.form.get("cursor", ""))
    except HubError as error:
        return _refused(error)
    if pulled.cursor:
        say(_("读到 %(n)s 个平台货品，还有更多，接着读", n=pulled.count), "warn")
    else:
        say(_("读到 %(n)s 个平台货品，读完了", n=pulled.count))
    return redirect(url_for("listings.listing", shop=shop.id, cursor=pulled.cursor or None), 303)


@pages.post("/match")
@requires(MATCH)
def match() -> Response:
    """Match what was typed in, or the one suggestion that was clicked (`one` is listing:code)."""
    try:
        shop = _chosen()
        count = acts.match_listings(_pairs(shop))
    except HubError as error:
        return _refused(error)
    return _matched(shop, count)


@pages.post("/sure")
@requires(MATCH)
def sure() -> Response:
    """Match every listing whose suggestion leaves no doubt."""
    try:
        shop = _chosen()
        count = acts.match_sure(shop.id)
    except HubError as error:
        return _refused(error)
    return _matched(shop, count)


@pages.post("/unmatch")
@requires(MATCH)
def unmatch() -> Response:
    """Take a match back."""
    try:
        shop = _chosen()
        wanted = ids()
        _check_shop(shop, wanted)
        count = acts.unmatch_listings(wanted)
    except HubError as error:
        return _refused(error)
    say(_("取消了 %(n)s 个匹配，已经配好货的订单不变", n=count))
    return back(url_for("listings.listing", shop=shop.id, show="matched"))


def _matched(shop: ShopName, count: int) -> Response:
    say(_("匹配了 %(n)s 个，等它们的订单已经往下走", n=count))
    return back(url_for("listings.listing", shop=shop.id))


def _render(note: Note | None = None) -> str:
    mine = shops("shop.view")
    open_count = queries.open_by_shop(connection(), mine.ids)
    wanted = read_whole(request.values.get("shop", ""))
    first = max(mine, key=lambda one: open_count.get(one.id, 0), default=None)
    shop = mine.get(wanted) if wanted else first
    show = "matched" if request.args.get("show") == "matched" else "open"
    words, find = (request.args.get(name, "").strip()[:MOST_WORDS] for name in ("q", "find"))
    rows = _rows(shop, show, words)
    guesses = suggest(connection(), shop.id, [row.id for row in rows]) if shop and show == "open" else []
    return render_template(
        "settings/listings.html", note=note, shops=mine, shop=shop, open_count=open_count, show=show, rows=rows,
        words=words, find=find, most=queries.MOST, guesses={one.listing_id: one for one in guesses},
        sure=len(sure_ones(connection(), shop.id)) if shop else 0, may=bool(shop and person().allows(MATCH, shop.id)),
        goods=queries.goods_like(connection(), find), cursor=request.args.get("cursor", ""),
    )  # fmt: skip


def _rows(shop: ShopName | None, show: str, words: str) -> list[AnyRow]:
    if shop is None:
        return []
    return list((queries.matched if show == "matched" else queries.unmatched)(connection(), shop.id, words))


def _refused(error: HubError) -> Response:
    return make_response(_render(note_of(error)), status_of(error))


def _chosen() -> ShopName:
    shop = shops(MATCH).get(read_whole(request.form.get("shop", "")) or 0)
    if shop is None:
        raise Invalid("shop", _("要选一家店"))
    return shop


def _pairs(shop: ShopName) -> list[Pair]:
    """Listing and code of every field that is filled in."""
    wanted = _typed()
    _check_shop(shop, list(wanted))
    found = queries.targets(connection(), wanted.values())
    unknown = sorted({code for code in wanted.values() if code not in found})
    if unknown:
        words = _("没有这个货品编码：%(codes)s", codes=_("、").join(unknown[:5]))
        raise Invalid("code", words, _("用「查货品」找到编码，或先建货品"))
    return [Pair(listing_id, *found[code]) for listing_id, code in wanted.items()]


def _typed() -> dict[int, str]:
    listing_id, _colon, code = request.form.get("one", "").partition(":")
    fields = {f"code.{listing_id}": code} if code else request.form
    typed = {read_whole(name.removeprefix("code.")): text.strip() for name, text in fields.items() if name[:5] == "code."}
    return {id_: text[:MOST_WORDS] for id_, text in typed.items() if id_ is not None and text}


def _check_shop(shop: ShopName, listing_ids: list[int]) -> None:
    """The listings of a form belong to the shop that it names."""
    if queries.shops_of(connection(), listing_ids) - {shop.id}:
        abort(403)
