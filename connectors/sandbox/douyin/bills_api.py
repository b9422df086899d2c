"""Settlement: one bill line for each sku order that the buyer has received, and one for each refund after that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.douyin.errors import invalid
from connectors.sandbox.douyin.line_docs import shop_promotion
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.kit.market import Sale

Doc = dict[str, Any]
FORMAT = "%Y-%m-%d %H:%M:%S"
GMT8 = timedelta(hours=8)
ACCOUNTS = {0: "合众支付", 1: "微信", 2: "支付宝", 4: "聚合账户", 5: "聚合账户", 8: "聚合账户"}
SETTLED, REFUNDED_AFTERWARDS = 0, 1
SERVICE_PER_MILLE, COMMISSION_PER_MILLE = 50, 100


def bills(shop: Shop, params: Params) -> Doc:
    """Bill lines by time of settlement (`time_type` 1: of the order); go on with `next_start_index` until `is_end`."""
    size, skip = params.number("size", 100, 1, 100), params.number("start_index", 0, 0)
    wanted = {part for part in params.text("order_id").split(",") if part}
    if not wanted:
        params.require("start_time", "end_time")
    since = _moment(params, "start_time") if params.has("start_time") else 0
    until = _moment(params, "end_time") + 999 if params.has("end_time") else shop.market.now_ms()
    stamp = "order_ms" if params.number("time_type") == 1 else "settle_ms"
    rows = [row for row in _rows(shop) if (row["order_id"] in wanted or not wanted) and since <= row[stamp] <= until]
    rows.sort(key=lambda row: (row[stamp], row["request_no"]))
    found, is_end = rows[skip : skip + size], skip + size >= len(rows)
    return {
        "code": "100000", "code_msg": "", "data": [_shown(row) for row in found], "size": size,
        "next_start_index": "" if is_end else str(skip + size), "next_start_time": params.text("start_time"),
        "is_end": int(is_end), "data_size": len(found),
    }  # fmt: skip


def _moment(params: Params, name: str) -> int:
    try:
        moment = datetime.strptime(params.text(name), FORMAT).replace(tzinfo=UTC) - GMT8
    except ValueError:
        raise invalid(name, f"{name}格式应为yyyy-MM-dd HH:mm:ss") from None
    return int(moment.timestamp()) * 1000


def _rows(shop: Shop) -> Iterator[Doc]:
    for sale in shop.market.shelves.sales():
        if sale.doc["status"] != "completed":
            continue
        cases = [case.doc for case in shop.market.shelves.cases_of(sale.number) if case.doc["state"] == "succeeded"]
        ended = sale.doc["ended_ms"]
        for position, line in enumerate(sale.lines):
            parts = [(case, part) for case in cases for part in case["lines"] if part["no"] == line["no"]]
            before = sum(part["amount"] for case, part in parts if case["changed_ms"] <= ended)
            yield _row(sale, line, before, sale.doc["post_fee"] if position == 0 else 0)
            for case, part in parts:
                if case["changed_ms"] > ended and part["amount"]:
                    yield _refund(sale, line, case, part["amount"])


def _row(sale: Sale, line: Doc, before: int, post: int) -> Doc:
    paid = line["total"] - line["share"] + post
    income = paid + line["platform_share"] + line["talent_share"] - before
    service = income * SERVICE_PER_MILLE // 1000
    commission = income * COMMISSION_PER_MILLE // 1000 if line["talent_share"] else 0
    return {
        **_heading(sale, line, "1", sale.doc["ended_ms"]), "trade_type": SETTLED,
        "settle_amount": income - service - commission, "is_contains_refund_before_settle": int(before > 0),
        "total_amount": line["price"] * line["num"] + post, "total_goods_amount": line["price"] * line["num"],
        "post_amount": post, "shop_coupon": shop_promotion(line), "refund_before_settle": before,
        "platform_coupon": line["platform_share"], "author_coupon": line["talent_share"], "real_pay_amount": paid,
        "total_income": income, "platform_service_fee": service, "commission": commission,
        "total_outcome": service + commission, "remark": "",
    }  # fmt: skip


def _refund(sale: Sale, line: Doc, case: Doc, amount: int) -> Doc:
    return {
        **_heading(sale, line, case["number"][-6:], case["changed_ms"]), "trade_type": REFUNDED_AFTERWARDS,
        "settle_amount": -amount, "is_contains_refund_before_settle": 0, "total_amount": 0, "total_goods_amount": 0,
        "post_amount": 0, "shop_coupon": 0, "refund_before_settle": 0, "platform_coupon": 0, "author_coupon": 0,
        "real_pay_amount": 0, "total_income": -amount, "platform_service_fee": 0, "commission": 0, "total_outcome": 0,
        "remark": f"售后单{case['number']}",
    }  # fmt: skip


def _heading(sale: Sale, line: Doc, suffix: str, settle_ms: int) -> Doc:
    return {
        "settle_ms": settle_ms, "order_ms": sale.doc["created_ms"], "request_no": f"{line['no']}{suffix}",
        "shop_order_id": sale.number, "order_id": line["no"], "pay_type_desc": ACCOUNTS[sale.doc["pay_type"]],
        "product_id": str(line["sku"]["num_iid"]), "goods_count": line["num"], "flow_type_desc": "小店自卖",
        "order_type": "尾款(尾款已支付)" if sale.doc["is_presale"] else "普通订单", "zt_pay_promotion": 0,
        "zr_pay_promotion": 0, "good_learn_channel_fee": 0, "colonel_service_fee": 0, "channel_promotion_fee": 0,
        "other_sharing_amount": 0, "packing_amount": 0,
    }  # fmt: skip


def _shown(row: Doc) -> Doc:
    times = {"settle_time": _text(row["settle_ms"]), "order_time": _text(row["order_ms"])}
    return {**times, **{name: value for name, value in row.items() if not name.endswith("_ms")}}


def _text(at_ms: int) -> str:
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + GMT8).strftime(FORMAT)


METHODS = {"order/getSettleBillDetailV3": Method(bills)}
