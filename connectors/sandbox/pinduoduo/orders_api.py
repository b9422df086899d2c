"""Reading orders: the incremental list, the lists by deal, the detail, states, merging and opening sealed texts."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.pinduoduo.errors import invalid
from connectors.sandbox.pinduoduo.order_docs import basic_document, order_document
from connectors.sandbox.pinduoduo.params import Params
from connectors.sandbox.pinduoduo.sealing import PHONE, clear_texts, mask, open_address_id, seal
from connectors.sandbox.pinduoduo.shop import SHOWN, Doc, Method, Shop, page_of, window
from connectors.sandbox.pinduoduo.states import ORDER_STATUS, REFUND_STATUS, order_status, refund_status

HALF_AN_HOUR, DAY = 1_800, 86_400
#: The list by change ends so many seconds before now; the setting `end_lag` changes it.
END_LAG = 180
CHANGED, CONFIRMED = "changed_ms", "json_extract(doc, '$.confirmed_ms')"
STATUSES = ("order_status", "refund_status")


def increment(shop: Shop, params: Params) -> Doc:
    since, until = window(shop, params, "start_updated_at", "end_updated_at", HALF_AN_HOUR)
    if until // 1000 > shop.now_s() - int(shop.settings.get("end_lag", END_LAG)):
        raise invalid("end_updated_at", "结束时间不能晚于系统时间前3分钟")
    lucky = params.choice("is_lucky_flag", (0, 1, 2))
    where, args = _conditions(params)
    if lucky:
        where += " and kind = 'lottery'" if lucky == 2 else " and kind <> 'lottery'"
    return _listed(shop, params, CHANGED, (since, until), where, args, "order_sn_list")


def by_deal(shop: Shop, params: Params) -> Doc:
    bounds = window(shop, params, "start_confirm_at", "end_confirm_at", DAY)
    where, args = _conditions(params)
    return _listed(shop, params, CONFIRMED, bounds, where, args, "order_list")


def basic_by_deal(shop: Shop, params: Params) -> Doc:
    bounds = window(shop, params, "start_confirm_at", "end_confirm_at", DAY)
    where, args = _conditions(params)
    return _listed(shop, params, CONFIRMED, bounds, where, args, "order_list", basic=True)


def information(shop: Shop, params: Params) -> Doc:
    return {"order_info": order_document(shop, shop.order(params.text("order_sn")))}


def states(shop: Shop, params: Params) -> Doc:
    found = []
    for number in params.names("order_sns", 50):
        sale = shop.find(number)
        order, refund = (0, 0) if sale is None else (order_status(sale), _refund(shop, sale))
        found.append({"orderSn": number, "order_status": order, "refund_status": refund})
    return {"order_status_list": found}


def refunding(shop: Shop, params: Params) -> Doc:
    """Which of the orders have a case that is running or was paid."""
    sales = [shop.find(number) for number in params.names("order_sns", 50)]
    found = [sale.number for sale in sales if sale is not None and _refund(shop, sale) != 1]
    return {"order_sns_exists_refund": [{"order_sn": number} for number in found]}


def merge_groups(shop: Shop, params: Params) -> Doc:
    """Orders that may go into one parcel stand in one list: unshipped ones of one person at one door."""
    groups: dict[str, list[str]] = {}
    for row in params.rows("order_list", 100, "order_sn"):
        sale = shop.order(str(row["order_sn"]))
        alone = order_status(sale) != 1 or sale.doc["held"] or _refund(shop, sale) != 1
        key = sale.number if alone else open_address_id(sale.doc["receiver"], shop.keys["mall_id"])
        groups.setdefault(key, []).append(sale.number)
    return {"order_group_list": [{"order_sn_list": group} for group in groups.values()]}


def decrypt(shop: Shop, params: Params) -> Doc:
    return _opened(shop, params, masked=False)


def decrypt_mask(shop: Shop, params: Params) -> Doc:
    return _opened(shop, params, masked=True)


def _conditions(params: Params) -> tuple[str, list[Any]]:
    order = params.choice("order_status", (1, 2, 3, 5))
    refund = params.choice("refund_status", (1, 2, 3, 4, 5))
    where = SHOWN
    args: list[Any] = []
    if order != 5:
        where, args = f"{where} and {ORDER_STATUS} = ?", [*args, order]
    if refund != 5:
        where, args = f"{where} and {REFUND_STATUS} = ?", [*args, refund]
    if params.text("trade_type"):
        where += " and json_extract(doc, '$.is_presale') = ?"
        args.append(params.choice("trade_type", (0, 1)))
    return where, args


def _listed(shop: Shop, params: Params, stamp: str, bounds: tuple[int, int], where: str, args: list[Any], name: str, *,
            basic: bool = False) -> Doc:  # fmt: skip
    """A page, newest first; with `use_has_next` the total is not counted."""
    page = page_of(params)
    rows = shop.market.shelves.list_sales(
        stamp, *bounds, page.offset, page.size, newest_first=True, where=where, args=args
    )
    show = basic_document if basic else order_document
    found = {name: [show(shop, sale) for sale in rows.found]}
    more = page.offset + page.size < rows.total
    if params.flag("use_has_next"):
        return {"has_next": more, **found}
    return {"has_next": more, "total_count": rows.total, **found}


def _refund(shop: Shop, sale: Sale) -> int:
    return refund_status(sale, shop.market.shelves.cases_of(sale.number))


def _opened(shop: Shop, params: Params, *, masked: bool) -> Doc:
    rows = params.rows("data_list", 100, "data_tag", "encrypted_data")
    return {"data_decrypt_list": [_open(shop, row, masked=masked) for row in rows]}


def _open(shop: Shop, row: Doc, *, masked: bool) -> Doc:
    """One sealed text opened; a text that was sealed for another order or an older address is not."""
    tag, sealed = str(row["data_tag"]), str(row["encrypted_data"])
    sale = shop.find(tag)
    virtual = bool(shop.settings.get("virtual_numbers"))
    texts = clear_texts(sale.doc["receiver"], virtual=virtual) if sale is not None else {}
    told = {"data_tag": tag, "encrypted_data": sealed}
    for kind, text in texts.items():
        if seal(tag, kind, text) == sealed:
            answer = {**told, "data_type": kind, "decrypted_data": mask(kind, text) if masked else text,
                      "error_code": 0, "error_msg": ""}  # fmt: skip
            return {**answer, "virtual_number_type": int(virtual)} if kind == PHONE and not masked else answer
    return {**told, "data_type": None, "decrypted_data": "", "error_code": 51001, "error_msg": "密文不正确"}


LIST_NEEDS = (*STATUSES, "start_confirm_at", "end_confirm_at")
METHODS = {
    "pdd.order.number.list.increment.get": Method(
        increment, "order_sn_increment_get_response",
        ("is_lucky_flag", *STATUSES, "start_updated_at", "end_updated_at"),
    ),
    "pdd.order.list.get": Method(by_deal, "order_list_get_response", LIST_NEEDS),
    "pdd.order.basic.list.get": Method(basic_by_deal, "order_basic_list_get_response", LIST_NEEDS),
    "pdd.order.information.get": Method(information, "order_info_get_response", ("order_sn",)),
    "pdd.order.status.get": Method(states, "order_status_get_response", ("order_sns",)),
    "pdd.refund.status.check": Method(refunding, "refund_status_check_response", ("order_sns",)),
    "pdd.order.merge.ship.order.group": Method(merge_groups, "merge_ship_order_group_response", ("order_list",)),
    "pdd.open.decrypt.batch": Method(decrypt, "open_decrypt_batch_response", ("data_list",)),
    "pdd.open.decrypt.mask.batch": Method(decrypt_mask, "open_decrypt_mask_batch_response", ("data_list",)),
}  # fmt: skip
