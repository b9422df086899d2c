"""What the platform pushes: changes as tagged messages in a signed JSON array, and the check of an address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.sandbox.douyin.receivers import ADDRESS, NAME, TEL, cipher, mask, place
from connectors.sandbox.douyin.shop import Shop
from connectors.sandbox.douyin.signing import push_sign
from connectors.sandbox.douyin.states import case_status, case_type, order_status
from connectors.sandbox.kit.market import Case, Pushes, Sale

Doc = dict[str, Any]
GMT8 = timezone(timedelta(hours=8))
TRADE = {
    "paid": "101", "released": "101", "completed": "103", "cancelled": "106", "address": "105",
    "address_asked": "111", "lines": "109", "memo": "113", "ship_by": "126",
}  # fmt: skip
AFTER_SALE = {
    "case_asked": "200", "case_returned": "203", "case_succeeded": "206", "case_closed": "207", "case_modified": "208",
    "case_deadline": "209",
}  # fmt: skip
AGREED = {"exchange": "202", "return": "202", "repair": "202", "resend": "227"}
BIZ = 2


class DouyinPushes(Pushes):
    """The platform reads the answer's body: only `{"code": 0}` ends a push."""

    def delivered(self, status: int, body: bytes) -> bool:
        try:
            answer = json.loads(body)
        except ValueError:
            return False
        return status == 200 and isinstance(answer, dict) and answer.get("code") == 0


def messages_of(shop: Shop, topic: str, number: str) -> list[tuple[str, Doc]]:
    """Tags and contents that tell of one change; a new order that is paid already has two."""
    if topic.startswith("case_"):
        case = shop.case(number)
        return [(tag, _case(shop, case)) for tag in _case_tags(topic, case)]
    sale = shop.sale(number)
    return [(tag, _trade(shop, sale, tag)) for tag in _trade_tags(shop, topic, sale)]


def body_of(messages: Sequence[tuple[str, Doc]], number: str, serial: int, now: int) -> bytes:
    """The raw body: the content of each message is itself a JSON text."""
    shown = [
        {"tag": tag, "msg_id": f"{number}:{tag}:{now}:{serial}{position}", "data": _compact(content)}
        for position, (tag, content) in enumerate(messages)
    ]
    return _compact(shown).encode()


def headers_of(shop: Shop, body: bytes) -> dict[str, str]:
    return {"event-sign": push_sign(shop.app_key, body, shop.secret), "app-id": shop.app_key}


def _trade_tags(shop: Shop, topic: str, sale: Sale) -> list[str]:
    if topic == "created":
        ready = sale.doc["status"] == "open"
        return ["100", *(["110" if sale.doc["held"] else "101"] if ready else [])]
    if topic == "shipped":
        last = shop.market.shelves.shipments_of(sale.number)[-1:]
        changed = bool(last) and last[0]["kind"] == "resend"
        return ["104" if changed else "102" if sale.doc["status"] == "shipped" else "108"]
    return [TRADE[topic]] if topic in TRADE else []


def _case_tags(topic: str, case: Case) -> list[str]:
    if topic == "case_agreed":
        return [AGREED.get(case.doc["kind"], "201")]
    if topic == "case_refused":
        return ["204" if case.doc["kind"] in ("refund", "price") else "205"]
    if topic == "case_sent":
        return ["211"]
    if topic == "case_succeeded" and case.doc["kind"] == "resend":
        return ["226"]
    if topic == "case_succeeded" and case.doc["kind"] in ("exchange", "repair"):
        return ["207"]
    if topic == "case_succeeded" and case.doc["kind"] in ("refund", "price"):
        return ["201", "206"]
    return [AFTER_SALE[topic]] if topic in AFTER_SALE else []


def _trade(shop: Shop, sale: Sale, tag: str) -> Doc:
    doc, now = sale.doc, sale.doc["changed_ms"] // 1000
    told: Doc = {"p_id": int(sale.number), "shop_id": shop.shop_id}
    if tag == "113":
        return {**told, "remark": doc["memo"], "star": doc["flag"], "update_time": now}
    if tag in ("105", "111"):
        return {**told, **_receivers(shop, sale, tag == "111"), "update_time": now}
    told |= {"s_ids": [int(line["no"]) for line in sale.lines], "order_status": order_status(doc),
             "order_type": doc["order_type"], "biz": BIZ}  # fmt: skip
    if tag == "100":
        return {**told, "create_time": doc["created_ms"] // 1000}
    if tag in ("101", "110"):
        paid = doc["paid_ms"] // 1000
        return {**told, "pay_amount": doc["payment"], "pay_time": paid, "pay_type": doc["pay_type"]}
    if tag in ("102", "104", "108"):
        return {**told, "logistics_msg": _parcel(shop, sale), "update_time": now}
    if tag == "106":
        return {**told, "cancel_time": now, "cancel_reason": doc.get("cancel_reason", "")}
    return {**told, "update_time": now}


def _receivers(shop: Shop, sale: Sale, asked: bool) -> Doc:
    found = {"receiver_msg": _receiver(shop, sale, sale.doc["receiver"])}
    request = sale.doc["address_request"]
    if asked and request:
        found = {"receiver_msg": found["receiver_msg"], "apply_time": request["at_ms"] // 1000,
                 "post_receiver_msg": _receiver(shop, sale, request["receiver"])}  # fmt: skip
    return found


def _receiver(shop: Shop, sale: Sale, receiver: Doc) -> Doc:
    address = {**place(receiver), "detail": mask(ADDRESS, receiver["address"]),
               "encrypt_detail": cipher(shop, sale.number, ADDRESS, receiver["address"])}  # fmt: skip
    return {
        "addr": _compact(address), "name": mask(NAME, receiver["name"]), "tel": mask(TEL, receiver["mobile"]),
        "encrypt_name": cipher(shop, sale.number, NAME, receiver["name"]),
        "encrypt_tel": cipher(shop, sale.number, TEL, receiver["mobile"]),
    }  # fmt: skip


def _parcel(shop: Shop, sale: Sale) -> Doc:
    last = shop.market.shelves.shipments_of(sale.number)[-1]
    packs = shop.packs(sale.number)
    pack = next((pack for pack in packs if pack["waybill"] == last["out_sid"]), packs[-1])
    lines = {line["no"]: line for line in sale.lines}
    return {
        "express_company_id": pack["company"], "logistics_code": pack["waybill"], "pack_id": pack["pack_id"],
        "shipped_order_info": [
            {"shipped_order_id": int(no), "shipped_num": num, "sku_id": int(lines[no]["sku"]["sku_id"]),
             "product_id": lines[no]["sku"]["num_iid"], "sku_num": lines[no]["num"]}
            for no, num in pack["lines"].items()
        ],
    }  # fmt: skip


def _case(shop: Shop, case: Case) -> Doc:
    doc = case.doc
    updated = datetime.fromtimestamp(doc["changed_ms"] // 1000, UTC).astimezone(GMT8).isoformat()
    return {
        "aftersale_id": int(case.number), "aftersale_status": case_status(case), "aftersale_type": case_type(case),
        "p_id": int(doc["order"]), "s_id": int(doc["lines"][0]["no"]), "shop_id": shop.shop_id,
        "refund_amount": doc["amount"], "refund_post_amount": doc.get("post_amount", 0), "refund_voucher_num": 0,
        "reason_code": 101, "success_time": doc["changed_ms"] // 1000 if doc["state"] == "succeeded" else 0,
        "update_time": updated,
    }  # fmt: skip


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
