"""The shop's smaller calls: memo, closing, stock, messages and the platform's time."""

from datetime import timedelta
from typing import Any

from connectors.sandbox.taobao import lifecycle
from connectors.sandbox.taobao.clock import moment_of, now
from connectors.sandbox.taobao.errors import business, invalid
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.registry import Method
from connectors.sandbox.taobao.store import Trade

MEMO_BYTES = 1000
TOO_FAST = timedelta(seconds=10)


def time_get(market: Market, params: Params) -> dict[str, Any]:
    return {"time": market.now_text()}


def memo_update(market: Market, params: Params) -> dict[str, Any]:
    with market.storage.write():
        trade = market.trade(params.text("tid"))
        if params.text("memo"):
            trade.doc["seller_memo"] = _memo(params)
        if params.flag("reset"):
            trade.doc["seller_memo"] = ""
        return _flagged(market, params, trade)


def memo_add(market: Market, params: Params) -> dict[str, Any]:
    with market.storage.write():
        trade = market.trade(params.text("tid"))
        if trade.doc["seller_memo"]:
            raise business("trade-memo-already-exist", "该交易已有备注，请调用 taobao.trade.memo.update")
        trade.doc["seller_memo"] = _memo(params)
        return _flagged(market, params, trade)


def trade_close(market: Market, params: Params) -> dict[str, Any]:
    with market.storage.write():
        trade = market.trade(params.text("tid"))
        if now() - moment_of(trade.doc["created"]) < TOO_FAST:
            raise business("trade-close-error:CLOSE_TRADE_TOO_FAST", "交易创建后十秒内不能关闭")
        try:
            lifecycle.close_unpaid(trade.doc, market.now_text())
        except lifecycle.NotAllowed as error:
            raise business("trade-close-error:STATUS", str(error)) from error
        market.trades.save(trade)
        market.announce("taobao_trade_TradeClose", trade)
        return {"trade": {"tid": trade.doc["tid"], "modified": trade.doc["modified"]}}


def quantity_update(market: Market, params: Params) -> dict[str, Any]:
    by_outer = not params.text("skuid_quantities")
    pairs = _pairs(params, "outerid_quantities" if by_outer else "skuid_quantities")
    delta = params.number("type", 1, 1, 2) == 2
    num_iid = params.text("num_iid")
    skus = []
    with market.storage.write():
        for name, quantity in pairs:
            key = "outer_id" if by_outer else "sku_id"
            row = market.storage.one(f"select * from listing where num_iid = ? and {key} = ?", (num_iid, name))
            if row is None:
                raise invalid("num_iid", f"the item has no sku {name}")
            left = max(0, quantity + (row["quantity"] if delta else 0))
            market.storage.execute(
                "update listing set quantity = ?, modified = ? where num_iid = ? and sku_id = ?",
                (left, market.now_text(), num_iid, row["sku_id"]),
            )
            skus.append({"sku_id": int(row["sku_id"]), "quantity": left, "modified": market.now_text()})
    total = market.storage.scalar("select sum(quantity) from listing where num_iid = ?", (num_iid,))
    item = {"num_iid": int(num_iid), "num": total, "modified": market.now_text(), "skus": {"sku": skus}}
    return {"item": item}


def messages_consume(market: Market, params: Params) -> dict[str, Any]:
    """Unconfirmed messages, oldest first; they come again until they are confirmed."""
    quantity = params.number("quantity", 100, 10, 200)
    rows = market.storage.rows("select * from message where confirmed = 0 order by id limit ?", (quantity,))
    if not rows:
        return {}
    found = [
        {"id": row["id"], "topic": row["topic"], "content": row["content"], "pub_time": row["at"],
         "pub_app_key": "12497914", "user_id": 100000001, "user_nick": "示例旗舰店"}
        for row in rows
    ]  # fmt: skip
    return {"messages": {"tmc_message": found}}


def messages_confirm(market: Market, params: Params) -> dict[str, Any]:
    ids = params.names("s_message_ids")
    if len(ids) > 200 or not all(name.isdigit() for name in ids):
        raise invalid("s_message_ids", "at most 200 message ids")
    with market.storage.write() as tx:
        tx.executemany("update message set confirmed = 1 where id = ?", [(name,) for name in ids])
    return {"is_success": True}


def _memo(params: Params) -> str:
    memo = params.text("memo")
    if len(memo.encode()) > MEMO_BYTES:
        raise invalid("memo", f"at most {MEMO_BYTES} bytes")
    return memo


def _flagged(market: Market, params: Params, trade: Trade) -> dict[str, Any]:
    if params.text("flag"):
        trade.doc["seller_flag"] = params.number("flag", 0, 0, 5)
    market.trades.save(trade)
    market.announce("taobao_trade_TradeMemoModified", trade)
    return {"trade": {"tid": trade.doc["tid"], "modified": trade.doc["modified"]}}


def _pairs(params: Params, name: str) -> list[tuple[str, int]]:
    texts = [text for text in params.text(name).split(";") if text]
    if not texts or len(texts) > 20:
        raise invalid(name, "1 to 20 pairs sku:quantity separated by ;")
    try:
        return [(text.rsplit(":", 1)[0], int(text.rsplit(":", 1)[1])) for text in texts]
    except (ValueError, IndexError):
        raise invalid(name, "pairs sku:quantity separated by ;") from None


METHODS = {
    "taobao.time.get": Method(time_get, session=False),
    "taobao.trade.memo.update": Method(memo_update, ("tid",)),
    "taobao.trade.memo.add": Method(memo_add, ("tid", "memo")),
    "taobao.trade.close": Method(trade_close, ("tid", "close_reason")),
    "taobao.skus.quantity.update": Method(quantity_update, ("num_iid",)),
    "taobao.tmc.messages.consume": Method(messages_consume, session=False),
    "taobao.tmc.messages.confirm": Method(messages_confirm, ("s_message_ids",), session=False),
}
