"""Hand-made Youzan documents with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

import orjson

from connectors.contract.notices import PushRequest
from connectors.marketplaces.youzan.pushes import event_sign
from tests.connectors.contract_kit import CANARY, NOW

ORDER, CASE = "E20260302090000000000077", "202603021000000000010077"
NAME, PHONE, STREET = "$bmFtZTc3$1$", "$dGVsNzc=$1$", "$c3RyZWV0Nzc=$1$"
CLIENT, SECRET = "x1", f"{CANARY}client_secret"


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One line: 2 × 40.00, nothing discounted, no freight in what was paid."""
    line = {
        "oid": f"260000000000000000{number}",
        "item_id": 800000000 + number,
        "sku_id": 36000000 + number,
        "outer_sku_id": f"CUP{number}-RED",
        "outer_item_id": f"CUP{number}",
        "title": "陶瓷杯",
        "num": 2,
        "price": "40.00",
        "total_fee": "80.00",
        "payment": "80.00",
        "is_present": False,
    }
    return line | changes


def an_order(*lines: dict[str, Any], pay: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A paid order of the lines given (default: two, 160.00 and 6.00 of freight); changes are of its order_info."""
    inner = {
        "tid": ORDER,
        "status": "WAIT_SELLER_SEND_GOODS",
        "express_type": 0,
        "created": "2026-03-02 09:00:00",
        "update_time": "2026-03-02 09:01:30",
        "pay_time": "2026-03-02 09:01:00",
        "refund_state": 0,
    }
    money = {"total_fee": "160.00", "post_fee": "6.00", "payment": "166.00", "phase_payments": []}
    return {
        "full_order_info": {
            "order_info": inner | changes,
            "buyer_info": {"yz_open_id": "YZ77", "buyer_id": 500000077},
            "pay_info": money | (pay or {}),
            "remark_info": {"buyer_message": "周末送", "trade_memo": ""},
            "address_info": {
                "receiver_name": NAME,
                "receiver_tel": PHONE,
                "delivery_province": "广东省",
                "delivery_city": "广州市",
                "delivery_district": "天河区",
                "delivery_address": STREET,
                "delivery_postal_code": "510000",
            },
            "orders": list(lines) or [a_line(1), a_line(2)],
        }
    }


def a_parcel(waybill: str, *oids: str, state: int = 1) -> dict[str, Any]:
    """A row of delivery_order."""
    dists = [{"dist_id": "d1", "express_info": {"express_id": 3, "express_no": waybill}}]
    return {"express_state": state, "oids": [{"oid": oid} for oid in oids], "dists": dists}


def a_case(**changes: Any) -> dict[str, Any]:
    """Money asked back for one line."""
    case = {
        "refund_id": CASE,
        "tid": ORDER,
        "oid": "2600000000000000001",
        "status": "WAIT_SELLER_AGREE",
        "demand": 1,
        "return_goods": False,
        "refund_fee": "80.00",
        "reason": 12,
        "created": "2026-03-02 10:00:00",
        "modified": "2026-03-02 10:05:00",
        "version": 1772417100000,
    }
    return case | changes


def order_body(order: dict[str, Any]) -> bytes:
    """An order as it is stored."""
    return orjson.dumps(order)


def case_body(case: dict[str, Any]) -> bytes:
    """A case as it is stored."""
    return orjson.dumps({"refund": case})


def answer(**content: Any) -> bytes:
    """An answer of the platform."""
    return orjson.dumps({"trace_id": "yz-1", "code": 200, "success": True, "message": "successful", "data": content})


def error_body(code: int, words: str = "出错了") -> bytes:
    """A call's own refusal, which brings an empty content all the same."""
    return orjson.dumps({"code": code, "success": False, "message": words, "data": {"full_order_info_list": []}})


def gateway_error(code: int, words: str = "非法") -> bytes:
    """The gateway's refusal; the field of its words has another name than a call's."""
    return orjson.dumps({"gw_err_resp": {"err_code": code, "err_msg": words, "message": words, "trace_id": "yz-2"}})


def a_push(topic: str = "trade_TradePaid", secret: str = SECRET, **content: Any) -> PushRequest:
    """A push with the header that signs its body."""
    body = orjson.dumps({"id": "m1", "type": topic, "msg": orjson.dumps(content or {"tid": ORDER}).decode()})
    headers = {"Event-Sign": event_sign(CLIENT, body, secret)}
    return PushRequest("POST", "/push", {}, headers, body, NOW)
