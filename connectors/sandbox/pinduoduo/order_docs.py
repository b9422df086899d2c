"""An order as the lists and the detail show it: yuan as doubles, times as text in GMT+8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.pinduoduo.carriers import id_of
from connectors.sandbox.pinduoduo.clock import text_of
from connectors.sandbox.pinduoduo.kinds import waits_for_confirmation
from connectors.sandbox.pinduoduo.sealing import receiver_fields
from connectors.sandbox.pinduoduo.shop import Shop
from connectors.sandbox.pinduoduo.spoil import as_shown
from connectors.sandbox.pinduoduo.states import after_sales_status, order_status, refund_status

Doc = dict[str, Any]
FIRST_PARCEL = ("online", "resend", "platform")
TAGS = ("no_trace_delivery", "only_support_replace", "duoduo_wholesale", "return_freight_payer", "free_sf",
        "support_nationwide_warranty", "self_contained", "delivery_one_day", "ship_hold")  # fmt: skip
PAY_TYPES = ("WEIXIN", "ALIPAY", "QQ", "LIANLIANPAY")
NO_DEPOT: Mapping[str, Any] = {
    "depot_id": "", "depot_code": "", "depot_name": "", "depot_type": None, "ware_id": "", "ware_sn": "",
    "ware_name": "", "ware_type": 0, "ware_sub_info_list": [],
}  # fmt: skip
PEOPLE = ("receiver_name", "receiver_phone", "receiver_address", "address", "receiver_name_mask", "receiver_phone_mask",
          "receiver_address_mask", "address_mask", "open_address_id", "open_address_id_2", "buyer_memo")  # fmt: skip
COLOURS = {1: "红色", 2: "黄色", 3: "绿色", 4: "蓝色", 5: "紫色"}


def yuan(fen: int) -> float:
    """Fen as the JSON double that the platform writes."""
    return fen / 100


def order_document(shop: Shop, sale: Sale) -> Doc:
    """The `order_info` of an order, damaged when the sale is."""
    doc, cases = sale.doc, shop.market.shelves.cases_of(sale.number)
    under_review = doc["held"] and doc["hold"] == "risk"
    hidden = order_status(sale) != 1 or under_review
    virtual = bool(shop.settings.get("virtual_numbers"))
    shown = {
        "order_sn": sale.number, **_states(shop, sale, cases), **_times(doc), **_money(doc), **_notes(doc),
        **receiver_fields(doc, shop.keys["mall_id"], hidden=hidden, virtual=virtual),
        **_parcels(shop.market.shelves.shipments_of(sale.number)),
        "item_list": [_item(line) for line in sale.lines if not line["gift"]],
        "gift_list": [_item(line) for line in sale.lines if line["gift"]],
        "step_order_info": _steps(doc), "order_tag_list": _tags(doc), "order_depot_info": _depot(sale),
        **_places(doc),
    }  # fmt: skip
    return as_shown(shown, sale.spoil)


def basic_document(shop: Shop, sale: Sale) -> Doc:
    """The order without anything of the buyer."""
    return {name: value for name, value in order_document(shop, sale).items() if name not in PEOPLE}


def _states(shop: Shop, sale: Sale, cases: Sequence[Case]) -> Doc:
    doc = sale.doc
    waits, over = waits_for_confirmation(doc), doc["status"] == "cancelled"
    failed = bool(doc.get("group_failed"))
    return {
        "order_status": order_status(sale), "refund_status": refund_status(sale, cases),
        "after_sales_status": after_sales_status(cases, returned_as=int(shop.settings.get("returned_as", 7))),
        "confirm_status": 2 if over and not doc["confirmed_ms"] else 0 if waits else 1,
        "group_status": 2 if failed else 0 if doc["held"] and doc["hold"] == "group" else 1,
        "risk_control_status": int(doc["held"] and doc["hold"] == "risk"), "trade_type": int(doc["is_presale"]),
        "is_lucky_flag": 2 if doc["kind"] == "lottery" else 1, "is_pre_sale": int(bool(doc["pre_sale_ms"])),
        "is_stock_out": doc["stock_out"], "stock_out_handle_status": 0 if doc["stock_out"] else -1,
        "invoice_status": int(doc["invoice"] is not None), "mkt_biz_type": 0,
    }  # fmt: skip


def _times(doc: Doc) -> Doc:
    waits = waits_for_confirmation(doc)
    return {
        "created_time": text_of(doc["created_ms"]), "pay_time": text_of(doc["paid_ms"]),
        "confirm_time": text_of(doc["confirmed_ms"]), "updated_at": text_of(doc["changed_ms"]),
        "last_ship_time": "" if waits else text_of(doc["ship_by_ms"]), "promise_delivery_time": "",
        "pre_sale_time": text_of(doc["pre_sale_ms"]), "urge_shipping_time": text_of(doc.get("urged_ms", 0)),
        "shipping_time": text_of(doc["shipped_ms"]),
        "receive_time": text_of(doc["ended_ms"]) if doc["status"] == "completed" else "",
    }  # fmt: skip


def _money(doc: Doc) -> Doc:
    lines = doc["lines"]
    change = -sum(line["adjust"] for line in lines)
    goods = sum(line["price"] * line["num"] for line in lines) - change
    discount = sum(line["discount"] + line["share"] for line in lines)
    # A line that was taken off took its part of what others bear with it.
    platform = min(doc["platform_discount"], discount)
    leader = min(doc["capital_free"], discount - platform)
    fees = [{"service_name": "送货入户", "service_fee": yuan(doc["service_fee"])}] if doc["service_fee"] else []
    traded = [{"promotion_type": 30, "discount_amount": yuan(platform)}]
    return {
        "pay_amount": yuan(goods - discount + doc["post_fee"] + doc["service_fee"]), "goods_amount": yuan(goods),
        "discount_amount": yuan(discount), "platform_discount": yuan(platform),
        "seller_discount": yuan(discount - platform - leader), "capital_free_discount": yuan(leader),
        "duo_duo_pay_reduction": 0.0, "order_change_amount": yuan(change), "postage": yuan(doc["post_fee"]),
        "service_fee_detail": fees, "promotion_detail_list": traded if doc["kind"] == "trade_in" else [],
        "pay_no": _pay_no(doc), "inner_transaction_id": _pay_no(doc),
        "pay_type": PAY_TYPES[len(doc["buyer"]["id"] + doc["buyer"]["nick"]) % 4] if doc["paid_ms"] else "",
        "card_info_list": [],
    }  # fmt: skip


def _pay_no(doc: Doc) -> str:
    return "XP00" + doc["number"].replace("-", "") if doc["paid_ms"] else ""


def _notes(doc: Doc) -> Doc:
    tag = doc["flag"] or None
    name = doc["tag_name"] or COLOURS.get(doc["flag"], "")
    return {"buyer_memo": doc["message"], "remark": doc["memo"], "remark_tag": tag, "remark_tag_name": name}


def _item(line: Doc) -> Doc:
    sku = line["sku"]
    spec = ",".join(part.partition(":")[2] for part in sku["properties"].split(";") if part)
    return {
        "goods_id": sku["num_iid"], "goods_name": sku["title"], "goods_img": "https://img.example.invalid/a.jpg",
        "goods_spec": spec, "goods_price": yuan(line["price"]), "goods_count": line["num"],
        "sku_id": int(sku["sku_id"]), "outer_id": sku["code"], "outer_goods_id": sku["outer_iid"],
    }  # fmt: skip


def _parcels(shipments: Sequence[Doc]) -> Doc:
    first = [found for found in shipments if found["kind"] in FIRST_PARCEL]
    return {
        "logistics_id": id_of(first[-1]["company_code"]) if first else 0,
        "tracking_number": first[-1]["out_sid"] if first else "",
        "extra_delivery_list": _extra(shipments, "split"), "gift_delivery_list": _extra(shipments, "gift"),
        "resend_delivery_list": _extra(shipments, "reship"),
    }  # fmt: skip


def _extra(shipments: Sequence[Doc], kind: str) -> list[Doc]:
    return [
        {"logistics_id": id_of(found["company_code"]), "tracking_number": found["out_sid"]}
        for found in shipments
        if found["kind"] == kind
    ]


def _steps(doc: Doc) -> Doc | None:
    if not doc["is_presale"]:
        return None
    deposit = doc["deposit"] if doc["deposit_paid"] or doc["paid_ms"] else 0
    return {
        "step_trade_status": 2 if doc["paid_ms"] else int(doc["deposit_paid"]), "advanced_paid_fee": yuan(deposit),
        "step_paid_fee": yuan(doc["payment"] if doc["paid_ms"] else deposit), "step_discount_amount": 0.0,
    }  # fmt: skip


def _tags(doc: Doc) -> list[Doc]:
    true = {"ship_hold": doc["held"] and doc["hold"] == "ship_hold", "self_contained": doc["kind"] == "pickup",
            "return_freight_payer": True}  # fmt: skip
    return [{"name": name, "value": int(true.get(name, False))} for name in TAGS]


def _depot(sale: Sale) -> Doc:
    if not sale.doc["by_platform"] and sale.doc["kind"] != "own_depot":
        return dict(NO_DEPOT)
    sku = sale.lines[0]["sku"]
    theirs = sale.doc["by_platform"]
    return {
        "depot_id": "900001" if theirs else "900002", "depot_code": "PDDWH01" if theirs else "OWNWH01",
        "depot_name": "订阅仓一号" if theirs else "自有仓一号", "depot_type": 2 if theirs else 1,
        "ware_id": sku["sku_id"], "ware_sn": sku["code"], "ware_name": sku["title"], "ware_type": 0,
        "ware_sub_info_list": [],
    }  # fmt: skip


def _places(doc: Doc) -> Doc:
    store = {"store_id": 70001, "store_number": "MD001"} if doc["kind"] == "pickup" else None
    return {
        "store_info": store, "consolidate_info": {"consolidate_type": 0} if doc["kind"] == "consolidated" else None,
        "home_delivery_type": int(doc["kind"] == "home_delivery"), "shipping_type": 0,
        "ship_additional_link_order": "", "ship_additional_origin_order": "",
    }  # fmt: skip
