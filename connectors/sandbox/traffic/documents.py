"""A plan as the trade document that Taobao's fullinfo answers: masked receiver, yuan texts, wrapped lists."""

import hashlib
import re
from typing import Any

from connectors.sandbox.traffic.money import yuan

TRADE = {
    "title": "示例旗舰店", "seller_nick": "示例旗舰店", "adjust_fee": "0.00", "received_payment": "0.00",
    "cod_status": "NEW_CREATED", "shipping_type": "express", "trade_from": "WAP,WAP",
    "pic_path": "https://img.example.invalid/a.jpg", "point_fee": 0, "buyer_rate": False, "seller_rate": False,
    "is_part_consign": False, "is_sh_ship": False,
}  # fmt: skip
LINE = {
    "pic_path": "https://img.example.invalid/a.jpg", "refund_status": "NO_REFUND", "cid": 50010850,
    "seller_type": "B", "order_from": "WAP", "is_oversold": False, "buyer_rate": False, "seller_rate": False,
}  # fmt: skip
HIDDEN = re.compile(r"(?<=.).(?=.)")


def trade_document(plan: dict[str, Any]) -> dict[str, Any]:
    """The `trade` object of taobao.trade.fullinfo.get, lists wrapped (simplify=false)."""
    tid, buyer, lines = plan["tid"], plan["buyer"], plan["lines"]
    text, payment = str(tid), yuan(plan["payment"])
    document = {
        **TRADE, "tid": tid, "tid_str": text, "status": plan["status"], "type": plan["type"],
        "buyer_nick": buyer["nick"][0] + "**", "buyer_open_uid": buyer["open_uid"],
        "created": plan["created"], "modified": plan["pay_time"] or plan["created"], "payment": payment,
        "post_fee": yuan(plan["post_fee"]), "has_post_fee": plan["post_fee"] > 0,
        "total_fee": yuan(sum(line["price"] * line["num"] for line in lines)),
        "discount_fee": yuan(plan["coupon"]), "available_confirm_fee": payment,
        "num": lines[0]["num"] if len(lines) == 1 else 0, "num_iid": lines[0]["sku"]["num_iid"],
        "price": yuan(lines[0]["price"]), "coupon_fee": plan["red_packet"], "alipay_point": plan["points"],
        "buyer_message": plan["buyer_message"], "seller_memo": plan["seller_memo"],
        "seller_flag": plan["seller_flag"], "top_hold": plan["top_hold"],
        "orders": {"order": [_order(line, plan, len(lines) == 1) for line in lines]},
    }  # fmt: skip
    if len(lines) == 1:
        document["adjust_fee"] = yuan(lines[0]["adjust"])
    mask_receiver(document, buyer["receiver"], buyer["open_uid"])
    _add_payment(document, plan, text)
    _add_promotions(document, plan)
    return document


def mask_receiver(document: dict[str, Any], receiver: dict[str, str], open_uid: str) -> None:
    """Write the receiver as the platform shows it: place in clear, person and street masked, OAID."""
    document["receiver_name"] = receiver["name"][0] + "**"
    document["receiver_country"] = receiver["country"]
    document["receiver_state"] = receiver["state"]
    document["receiver_city"] = receiver["city"]
    document["receiver_district"] = receiver["district"]
    document["receiver_town"] = receiver["town"]
    document["receiver_address"] = HIDDEN.sub("*", receiver["address"])
    document["receiver_zip"] = receiver["zip"]
    document["receiver_mobile"] = "*******" + receiver["mobile"][-4:]
    document["receiver_phone"] = receiver["phone"]
    document["oaid"] = oaid_of(document["tid_str"], receiver_key(open_uid, receiver))


def receiver_key(open_uid: str, receiver: dict[str, str]) -> str:
    """What two trades must share to be merged: the buyer and the whole address."""
    parts = (open_uid, receiver["name"], receiver["mobile"], receiver["division_code"], receiver["address"])
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def oaid_of(tid: str, key: str) -> str:
    """The opaque addressee id: another for every trade, and another after an address change."""
    return "1" + hashlib.sha256(f"oaid|{tid}|{key}".encode()).hexdigest()


def _order(line: dict[str, Any], plan: dict[str, Any], single: bool) -> dict[str, Any]:
    sku, oid, num, total = line["sku"], line["oid"], line["num"], yuan(line["total"])
    order = {
        **LINE, "oid": oid, "oid_str": str(oid), "num_iid": sku["num_iid"], "sku_id": sku["sku_id"],
        "outer_iid": sku["outer_iid"], "outer_sku_id": sku["code"], "title": sku["title"],
        "sku_properties_name": sku["properties"], "num": num, "price": yuan(line["price"]),
        # A single line's payment contains the postage, a line among several does not.
        "total_fee": total, "payment": yuan(plan["payment"]) if single else total,
        "discount_fee": yuan(line["discount"]), "adjust_fee": yuan(line["adjust"]),
        "divide_order_fee": yuan(line["total"] - line["share"]), "part_mjz_discount": yuan(line["share"]),
        "status": plan["status"],
    }  # fmt: skip
    if plan["delivery_time"]:
        order["delivery_time"] = plan["delivery_time"]
    if line["gift"]:
        trigger = plan["lines"][0]["oid"]
        order |= {"is_free_gift": True, "gift_mids": str(trigger), "need_return": False}
    if sku["combined"]:
        order["combine_item_info"] = {"combine_item_info": [_part(part) for part in sku["parts"]]}
    return order


def _part(part: dict[str, Any]) -> dict[str, Any]:
    return {
        "item_id": part["num_iid"], "sku_id": part["sku_id"], "outer_iid": part["outer_iid"],
        "outer_sku_id": part["code"], "quantity": part["quantity"], "origin_fee": yuan(part["price_fen"]),
    }  # fmt: skip


def _add_payment(document: dict[str, Any], plan: dict[str, Any], tid: str) -> None:
    if plan["pay_time"]:
        document["pay_time"] = plan["pay_time"]
        document["delivery_time"] = plan["delivery_time"]
        document["alipay_no"] = f"{plan['pay_time'][:10].replace('-', '')}22001{tid[-15:]}"
    if plan["platform_subsidy"]:
        document["platform_subsidy_fee"] = yuan(plan["platform_subsidy"])
    if plan["team_buy_hold"]:
        document["team_buy_hold"] = 1
        document["forbid_consign"] = 1
    if plan["type"] == "step":
        document["step_trade_status"] = "FRONT_PAID_FINAL_NOPAID"
        document["step_paid_fee"] = yuan(plan["deposit"])
        document["pay_time"] = plan["created"]


def _add_promotions(document: dict[str, Any], plan: dict[str, Any]) -> None:
    found = [_item_discount(line) for line in plan["lines"] if line["discount"]]
    if plan["coupon"]:
        found.append(_coupon(plan))
    found += [_gift_promotion(plan["tid"], line["sku"]) for line in plan["lines"] if line["gift"]]
    if found:
        document["promotion_details"] = {"promotion_detail": found}


def _item_discount(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": line["oid"], "promotion_name": "限时打折", "discount_fee": yuan(line["discount"]),
        "promotion_id": f"limitpromotion-{line['oid'] % 10**6}_1", "promotion_desc": "限时打折",
    }  # fmt: skip


def _coupon(plan: dict[str, Any]) -> dict[str, Any]:
    amount = yuan(plan["coupon"])
    child = ";".join(f"{line['oid']}:{yuan(line['share'])}" for line in plan["lines"] if line["share"])
    return {
        "id": plan["tid"], "promotion_name": "店铺优惠券", "discount_fee": amount,
        "promotion_id": "shopbonus-1001_2002", "promotion_desc": f"店铺优惠券省{amount}元",
        "kd_discount_fee": amount, "kd_child_discount_fee": child,
    }  # fmt: skip


def _gift_promotion(tid: int, gift: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": tid, "promotion_name": "满就送", "gift_item_id": str(gift["num_iid"]),
        "gift_item_name": gift["title"], "gift_item_num": "1", "promotion_id": "mjs-1003_2004",
    }  # fmt: skip
