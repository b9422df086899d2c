"""设置 · 店铺 · 观察对比: what we would have done with a shop's orders beside what the system before us did."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, make_response, render_template, request
from flask_babel import to_user_timezone  # type: ignore[import-untyped]
from werkzeug.wrappers import Response

from oms.app.capture.sheets import write_csv
from oms.app.kernel.queries import observed as queries
from oms.app.kernel.queries.names import ShopName
from oms.app.kernel.queries.pages import AnyRow
from oms.console.context import connection, shops
from oms.console.forms import start_of_day
from oms.console.rendering import now
from oms.console.security import requires
from oms.console.telling.words import hold

pages = Blueprint("observed", __name__, url_prefix="/settings/shops")
DAYS = 14


@pages.get("/<int:shop_id>/observed")
@requires("order.view")
def page(shop_id: int) -> str:
    """How far both sides agree, and the orders where they do not."""
    shop, window = _own(shop_id), _window(shop_id)
    rows = queries.compared(connection(), window)
    return render_template(
        "settings/observed.html", shop=shop, window=window, rows=rows, totals=queries.totals(connection(), window),
        words=queries.line_words(connection(), rows), goods_of=queries.goods_of, most=queries.MOST,
        first_day=to_user_timezone(window.since), last_day=to_user_timezone(window.until - timedelta(days=1)),
        holds=_hold_words(rows),
    )  # fmt: skip


@pages.get("/<int:shop_id>/observed.csv")
@requires("order.view")
def file(shop_id: int) -> Response:
    """The same orders as a file."""
    shop, window = _own(shop_id), _window(shop_id)
    rows = queries.compared(connection(), window, queries.MOST_IN_FILE)
    answer = make_response(write_csv(list(queries.as_table(rows, queries.line_words(connection(), rows)))))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="observed-{shop.id}.csv"'
    return answer


def _hold_words(rows: list[AnyRow]) -> dict[str, str]:
    """Names of the holds that kept orders back."""
    return {kind: hold(kind, 1).word for row in rows for kind in row.holds or ()}


def _own(shop_id: int) -> ShopName:
    shop = shops("order.view").get(shop_id)
    if shop is None:
        abort(404)
    return shop


def _window(shop_id: int) -> queries.Window:
    """Both days of the question whole, the last fourteen without one; a result that is none is not narrowed to."""
    today = start_of_day(to_user_timezone(now()))
    until = _day("until", today) + timedelta(days=1)
    since = min(_day("since", today - timedelta(days=DAYS - 1)), until)
    result = request.args.get("result", "")
    return queries.Window(shop_id, since, until, now(), result if result in queries.RESULTS else "")


def _day(name: str, otherwise: datetime) -> datetime:
    try:
        day = datetime.strptime(request.args.get(name, ""), "%Y-%m-%d")  # noqa: DTZ007 - the zone is added below
    except ValueError:
        return otherwise
    return start_of_day(day)
