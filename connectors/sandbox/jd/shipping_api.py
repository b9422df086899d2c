"""JD's shipping calls: an order leaves whole, several parcels in one call; changing the waybill; carriers."""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.jd.clock import text_of
from connectors.sandbox.jd.errors import ApiError, Refused
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.shop import Method, Shop, told_flat
from connectors.sandbox.jd.states import SHIPPABLE, order_state
from connectors.sandbox.kit.market import NotAllowed, Sale, ship
from connectors.sandbox.kit.market.selling import change_waybill

Doc = dict[str, Any]
CARRIERS = {
    "467": "顺丰快递", "463": "圆通快递", "1499": "中通速递", "470": "申通快递", "1327": "韵达快递", "465": "邮政EMS",
    "2087": "京东快递", "1748": "百世快递", "3046": "德邦快递", "1274": "厂家自送",
}  # fmt: skip
SELF_DELIVERY = "1274"
WAYBILL = re.compile(r"[A-Za-z0-9-]{5,40}")


def shipment(shop: Shop, params: Params) -> Doc:
    """Take an order as shipped: carriers joined by |, numbers of one carrier by a comma."""
    number, carriers, waybills = params.text("orderId"), params.text("logiCoprId"), params.text("logiNo")
    _send(shop, number, carriers, waybills)
    return {"sopjosshipment_result": {"success": "true", "errorCode": "0", "chineseErrCode": "SOP订单 订单出库成功",
                                      "englishErrCode": "SUCCESS", "numberCode": 0}}  # fmt: skip


def outstorage(shop: Shop, params: Params) -> Doc:
    """The old call for shipping; it refuses in the gateway's form."""
    try:
        _send(shop, params.text("order_id"), params.text("logistics_id"), params.text("waybill"))
    except Refused as refused:
        raise ApiError("10400014", refused.chinese) from refused
    return {"vender_id": shop.vender_id, "modified": text_of(shop.market.now_ms())}


def update_waybill(shop: Shop, params: Params) -> Doc:
    """Put other parcels in the place of those of a shipped order."""
    number, carriers, waybills = params.text("order_id"), params.text("logistics_id"), params.text("waybill")
    with shop.market.storage.write():
        try:
            sale = shop.order(number)
            _check_parcels(carriers, waybills)
            before = shop.market.shelves.shipments_of(number)
            if order_state(sale.doc) != "WAIT_GOODS_RECEIVE_CONFIRM" or not before:
                raise Refused(10400014, "ORDER_STATE_ERROR", "当前状态的订单不能修改运单号")
        except Refused as refused:
            raise ApiError("10400014", refused.chinese) from refused
        change_waybill(shop.market, number, before[-1]["id"], carriers, waybills)
    return {"vender_id": shop.vender_id, "modified": text_of(shop.market.now_ms())}


def carriers_signed(shop: Shop, params: Params) -> Doc:
    """The carriers the shop may name."""
    found = [{"id": int(code), "name": name} for code, name in CARRIERS.items()]
    return {"StandardGenericResponse": {"success": True, "code": 0, "message": "", "data": found}}


def carriers_all(shop: Shop, params: Params) -> Doc:
    """The same in the old call's form."""
    found = [{"logistics_id": int(code), "logistics_name": name, "logistics_remark": "", "sequence": str(place)}
             for place, (code, name) in enumerate(CARRIERS.items(), start=1)]  # fmt: skip
    return {"logistics_companies": {"vender_id": shop.vender_id, "logistics_list": found}}


def _send(shop: Shop, number: str, carriers: str, waybills: str) -> None:
    # A refused parcel stays in the ledger: it is kept before the refusal leaves the transaction.
    with shop.market.storage.write():
        refused = _try_to_send(shop, number, carriers, waybills)
    if refused is not None:
        raise refused


def _try_to_send(shop: Shop, number: str, carriers: str, waybills: str) -> Refused | None:
    sale = shop.order(number)
    try:
        _check_parcels(carriers, waybills)
        _check_state(sale)
    except Refused as refused:
        lines = [line["no"] for line in sale.lines]
        shop.market.shelves.add_shipment(number, lines, carriers, waybills, "online", reason=refused.chinese)
        return refused
    try:
        ship(shop.market, number, carriers, waybills)
    except NotAllowed as forbidden:
        return Refused(10400014, "ORDER_STATE_ERROR", str(forbidden))
    return None


def _check_state(sale: Sale) -> None:
    if sale.doc["by_platform"]:
        raise Refused(10400016, "JD_WAREHOUSE_ORDER", "京仓订单由京东出库")
    state = order_state(sale.doc)
    if state == "LOCKED":
        raise Refused(10400015, "ORDER_LOCKED", "订单已锁定，不能出库")
    if state not in SHIPPABLE:
        raise Refused(10400014, "ORDER_STATE_ERROR", "当前状态的订单不能出库")


def _check_parcels(carriers: str, waybills: str) -> None:
    names, groups = carriers.split("|"), waybills.split("|")
    unknown = [name for name in names if name not in CARRIERS]
    if unknown:
        raise Refused(10400017, "LOGISTICS_COMPANY_ERROR", f"物流公司{unknown[0]}不存在")
    if len(names) != len(groups):
        raise Refused(10400018, "WAYBILL_ERROR", "运单号与物流公司数量不一致")
    for name, group in zip(names, groups, strict=True):
        if not (name == SELF_DELIVERY and not group) and not all(map(WAYBILL.fullmatch, group.split(","))):
            raise Refused(10400018, "WAYBILL_ERROR", "运单号格式不正确")


def _shipment_told(refused: Refused) -> Doc:
    return {"sopjosshipment_result": {**told_flat(refused), "success": "false", "numberCode": refused.number}}


METHODS = {
    "jingdong.pop.order.shipment": Method(shipment, ("orderId", "logiCoprId"), _shipment_told),
    "360buy.order.sop.outstorage": Method(outstorage, ("order_id", "logistics_id", "waybill", "trade_no")),
    "360buy.order.sop.waybill.update": Method(update_waybill, ("order_id", "logistics_id", "waybill", "trade_no")),
    "jingdong.fce.alpha.getVenderCarrier": Method(carriers_signed),
    "360buy.get.vender.all.delivery.company": Method(carriers_all),
}
