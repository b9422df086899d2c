"""Reading trades: the three lists and the detail."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.sandbox.taobao.clock import now, text_of
from connectors.sandbox.taobao.errors import invalid
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.registry import Method
from connectors.sandbox.taobao.spoil import as_shown

Doc = dict[str, Any]
DAY = timedelta(days=1)
THREE_MONTHS = timedelta(days=92)
# The lists return a subset: nothing of the person, the memos or the promotions.
HIDDEN_IN_LISTS = frozenset(
    (
        "oaid",
        "receiver_name",
        "receiver_mobile",
        "receiver_phone",
        "receiver_address",
        "receiver_town",
        "receiver_zip",
        "buyer_message",
        "seller_memo",
        "promotion_details",
        "alipay_no",
        "delivery_time",
    )
)
NEED_FOR_OAID = frozenset(("receiver_name", "receiver_address", "created", "receiver_mobile", "receiver_phone"))
DEFAULT_TYPES = ("guarantee_trade", "auto_delivery", "ec", "cod", "step")
# Fixed price and auction are how a guarantee trade came about.
MEANT_BY = {"guarantee_trade": ("guarantee_trade", "fixed", "auction")}


def sold_increment(market: Market, params: Params) -> Doc:
    return _list(market, params, "modified", ("start_modified", "end_modified"), DAY)


def sold_incrementv(market: Market, params: Params) -> Doc:
    return _list(market, params, "arrived", ("start_create", "end_create"), DAY)


def sold(market: Market, params: Params) -> Doc:
    return _list(market, params, "created", ("start_created", "end_created"), THREE_MONTHS)


def fullinfo(market: Market, params: Params) -> Doc:
    trade = market.trade(params.text("tid"))
    fields = set(params.names("fields"))
    shown = as_shown(trade.doc, trade.spoil)
    oaid = shown.pop("oaid", None)
    answer = select_fields(shown, fields)
    if params.flag("include_oaid") or fields >= NEED_FOR_OAID:
        answer["oaid"] = oaid
    return {"trade": answer}


def select_fields(doc: Doc, fields: set[str]) -> Doc:
    """The asked fields alone; `orders.oid` asks for one field of the lines."""
    whole = {name.partition(".")[0] for name in fields}
    answer = {name: value for name, value in doc.items() if name in whole}
    inner = {name.partition(".")[2] for name in fields if name.startswith("orders.")}
    if inner and "orders" not in fields and "orders" in answer:
        lines = answer["orders"]["order"]
        answer["orders"] = {"order": [{k: v for k, v in line.items() if k in inner} for line in lines]}
    return answer


def _list(market: Market, params: Params, column: str, bounds: tuple[str, str], widest: timedelta) -> Doc:
    where, args = _window(params, column, bounds, widest)
    for clause, more in (_status(params), _types(params)):
        where, args = where + clause, [*args, *more]
    where, args = _lagging(market, params, column, where, args)
    size = params.number("page_size", 40, 1, 100)
    page = params.number("page_no", 1, 1)
    _move_a_row(market, params.text("method"), where, args)
    order = f"select tid, doc, spoil from trade where {where} order by {column} desc, tid desc"
    rows = market.storage.rows(f"{order} limit ? offset ?", (*args, size + 1, (page - 1) * size))
    trades = [_listed(row, set(params.names("fields"))) for row in rows[:size]]
    if trades and market.faults.draw("duplicate_rows", params.text("method")):
        trades.append(trades[0])
    answer: Doc = {"trades": {"trade": trades}} if trades else {}
    if params.flag("use_has_next"):
        return {"has_next": len(rows) > size, **answer}
    total = market.storage.scalar(f"select count(*) from trade where {where}", args)
    return {"total_results": total, **answer}


def _window(params: Params, column: str, bounds: tuple[str, str], widest: timedelta) -> tuple[str, list[str]]:
    start_name, end_name = bounds
    end = params.moment(end_name) if params.text(end_name) else now()
    start = params.moment(start_name) if params.text(start_name) else end - widest
    if start >= end:
        raise invalid(start_name, f"{start_name} must be earlier than {end_name}")
    if end - start > widest:
        raise invalid(end_name, f"the window must not exceed {widest.days} day(s)")
    if now() - start > THREE_MONTHS + DAY:
        raise invalid(start_name, "only trades of the last three months can be asked")
    return f"{column} >= ? and {column} <= ?", [text_of(start), text_of(end)]


def _status(params: Params) -> tuple[str, Sequence[str]]:
    status = params.text("status")
    if "," in status:
        raise invalid("status", "one status or none")
    return (" and status = ?", (status,)) if status else ("", ())


def _types(params: Params) -> tuple[str, Sequence[str]]:
    asked = params.names("type") or DEFAULT_TYPES
    types = [meant for name in asked for meant in MEANT_BY.get(name, (name,))]
    return f" and type in ({', '.join('?' * len(types))})", types


def _listed(row: Any, fields: set[str]) -> Doc:
    doc = json.loads(row["doc"])
    if row["spoil"] == "unknown_status":
        # The list tells what the detail tells; other damage shows in the detail alone.
        as_shown(doc, row["spoil"])
    return select_fields(doc, fields - HIDDEN_IN_LISTS)


def _lagging(market: Market, params: Params, column: str, where: str, args: list[str]) -> tuple[str, list[str]]:
    """On demand the list lags: what changed just now is not in it yet, and will appear with its old time."""
    fault = market.faults.draw("late_rows", params.text("method"))
    if fault is None:
        return where, args
    seen_until = text_of(now() - timedelta(milliseconds=fault.ms))
    return f"{where} and {column} <= ?", [*args, seen_until]


def _move_a_row(market: Market, method: str, where: str, args: Sequence[str]) -> None:
    """On demand: one trade of the window changes while the caller pages, so all later rows shift."""
    if not market.faults.draw("moving_rows", method):
        return
    with market.storage.write():
        rows = market.storage.rows(f"select tid from trade where {where}", args)
        if rows:
            market.trades.save(market.trade(market.random.choice(rows)["tid"]))


METHODS = {
    "taobao.trades.sold.increment.get": Method(sold_increment, ("fields", "start_modified", "end_modified")),
    "taobao.trades.sold.incrementv.get": Method(sold_incrementv, ("fields", "start_create", "end_create")),
    "taobao.trades.sold.get": Method(sold, ("fields",)),
    "taobao.trade.fullinfo.get": Method(fullinfo, ("fields", "tid")),
}
