"""Shipping: whole, split, COD and without logistics, changing a waybill; every call goes to the ledger."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from connectors.sandbox.taobao import lifecycle
from connectors.sandbox.taobao.clock import moment_of, now
from connectors.sandbox.taobao.errors import ApiError, business
from connectors.sandbox.taobao.market import COMPANIES, Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.registry import Method
from connectors.sandbox.taobao.store import Trade

WAYBILL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{5,31}")
RESEND_WITHIN = timedelta(days=50)
SUCCESS = {"shipping": {"is_success": True}}


def offline_send(market: Market, params: Params) -> dict[str, Any]:
    return _recorded(market, params, "split" if params.flag("is_split") else "offline", _offline)


def online_send(market: Market, params: Params) -> dict[str, Any]:
    return _recorded(market, params, "online", _online)


def online_confirm(market: Market, params: Params) -> dict[str, Any]:
    return _recorded(market, params, "online", _confirm)


def dummy_send(market: Market, params: Params) -> dict[str, Any]:
    return _recorded(market, params, "dummy", _dummy)


def consign_resend(market: Market, params: Params) -> dict[str, Any]:
    return _recorded(market, params, "resend", _resend)


def companies(market: Market, params: Params) -> dict[str, Any]:
    found = [
        {"id": number, "code": code, "name": name, "reg_mail_no": WAYBILL.pattern}
        for number, (code, name) in enumerate(COMPANIES.items(), start=100)
    ]
    return {"logistics_companies": {"logistics_company": found}}


def _recorded(market: Market, params: Params, kind: str, work: Callable[[Market, Params], list[str]]) -> dict[str, Any]:
    """Run a shipping call in one transaction with its ledger row; a refusal is recorded with its reason."""
    try:
        with market.storage.write():
            oids = work(market, params)
            _record(market, params, kind, oids, "")
    except ApiError as error:
        _record(market, params, kind, params.names("sub_tid"), error.sub_code)
        raise
    return SUCCESS


def _record(market: Market, params: Params, kind: str, oids: list[str], reason: str) -> None:
    tid = params.text("tid")
    open_refunds = market.storage.scalar(
        "select count(*) from refund where tid = ? and status = 'WAIT_SELLER_AGREE'"
        f" and oid in ({', '.join('?' * len(oids))})",
        (tid, *oids),
    )
    market.storage.execute(
        "insert into shipment (tid, oids, company_code, out_sid, kind, accepted, reason, refund_open, at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (tid, json.dumps(oids), params.text("company_code"), params.text("out_sid"), kind, int(not reason),
         reason, int(bool(open_refunds)), now().isoformat(timespec="milliseconds")),
    )  # fmt: skip


def _offline(market: Market, params: Params) -> list[str]:
    trade = _shippable(market, params, "offline")
    if trade.doc["type"] == "cod":
        raise _refused("offline", "B98", "该接口不支持货到付款订单")
    return _ship(market, params, trade, "offline")


def _online(market: Market, params: Params) -> list[str]:
    trade = _shippable(market, params, "online")
    if params.text("out_sid"):
        return _ship(market, params, trade, "online")
    oids = _chosen(params, trade, "online")
    company = _company(params, "online")
    for line in trade.lines:
        line["logistics_company"] = company
    trade.doc["cod_status"] = "ACCEPTED_BY_COMPANY"
    market.trades.save(trade)
    return oids


def _confirm(market: Market, params: Params) -> list[str]:
    trade = _shippable(market, params, "confirm")
    if trade.doc["cod_status"] != "ACCEPTED_BY_COMPANY":
        raise _refused("confirm", "CD16", "订单状态不对，请先在线下单")
    return _ship(market, params, trade, "online", trade.lines[0]["logistics_company"])


def _dummy(market: Market, params: Params) -> list[str]:
    trade = _shippable(market, params, "dummy")
    oids = _chosen(params, trade, "dummy")
    lifecycle.ship(trade.doc, oids, "", "", market.now_text())
    _shipped(market, trade)
    return oids


def _resend(market: Market, params: Params) -> list[str]:
    place = "update-company-or-mailno"
    trade = _known(market, params, place, "P01")
    shipped = [line for line in trade.lines if lifecycle.is_shipped(line)]
    if not shipped:
        raise _refused(place, "CD19", "订单未发货，请先发货后再修改")
    wanted = params.names("sub_tid")
    lines = [line for line in shipped if not wanted or line["oid_str"] in wanted]
    if len(lines) < len(wanted):
        raise _refused(place, "CD24", "子订单列表不在对应的物流订单中")
    if now() - moment_of(trade.doc["consign_time"]) > RESEND_WITHIN or trade.doc["status"] in lifecycle.CLOSED:
        raise _refused(place, "P06", "当前订单状态不支持修改")
    company, out_sid = _company(params, place, "P03"), _waybill(market, params, trade, place, "P10")
    if all(line["invoice_no"] == out_sid and line["logistics_company"] == company for line in lines):
        raise _refused(place, "P07", "未作修改")
    oids = [line["oid_str"] for line in lines]
    lifecycle.change_waybill(trade.doc, oids, company, out_sid)
    market.trades.save(trade)
    market.announce("taobao_trade_TradeChanged", trade)
    return oids


def _ship(market: Market, params: Params, trade: Trade, place: str, company: str | None = None) -> list[str]:
    oids = _chosen(params, trade, place)
    name = _company(params, place) if company is None else company
    out_sid = _waybill(market, params, trade, place)
    lifecycle.ship(trade.doc, oids, name, out_sid, market.now_text())
    _shipped(market, trade)
    return oids


def _shipped(market: Market, trade: Trade) -> None:
    market.trades.save(trade)
    part = trade.doc["status"] == "SELLER_CONSIGNED_PART"
    market.announce(f"taobao_trade_Trade{'PartlySellerShip' if part else 'SellerShip'}", trade)
    if part:
        return
    if trade.doc["type"] == "cod":
        market.scheduler.after(market.delay("sign_after"), "act", {"tid": trade.tid, "verb": "sign"})
    market.scheduler.after(market.delay("finish_after"), "act", {"tid": trade.tid, "verb": "finish"})


def _known(market: Market, params: Params, place: str, code: str = "B01") -> Trade:
    trade = market.trades.get(params.text("tid"))
    if trade is None:
        raise _refused(place, code, "订单不存在")
    return trade


def _shippable(market: Market, params: Params, place: str) -> Trade:
    trade = _known(market, params, place)
    status = trade.doc["status"]
    if status in lifecycle.OVER:
        raise _refused(place, "B04", "订单状态不对，该物流订单已经发货或者已关闭，不能重复发货")
    if status not in lifecycle.SHIPPABLE or lifecycle.is_held(trade.doc):
        raise _refused(place, "B02", "订单状态不对，当前状态不允许发货")
    return trade


def _chosen(params: Params, trade: Trade, place: str) -> list[str]:
    """The lines a call ships: all that are left, or those a split call names."""
    wanted, split = params.names("sub_tid"), params.flag("is_split")
    if split and not wanted:
        raise _refused(place, "CD26", "拆分的子订单没有传子订单号")
    if wanted and not split:
        raise _refused(place, "CD25", "拆单标记和子订单列表两者必须都填或者都不填")
    if split:
        return _named_lines(trade, wanted, place)
    if any(lifecycle.is_shipped(line) for line in trade.lines):
        raise _refused(place, "CD23", "订单已拆单，必须传入子交易号列表和拆单标记")
    return [line["oid_str"] for line in trade.lines if line["status"] not in lifecycle.CLOSED]


def _named_lines(trade: Trade, wanted: list[str], place: str) -> list[str]:
    lines = {line["oid_str"]: line for line in trade.lines}
    for oid in wanted:
        if oid not in lines:
            raise _refused(place, "P38", f"拆单校验未通过: {oid} 不属于该交易")
        if lifecycle.is_shipped(lines[oid]) or lines[oid]["status"] in lifecycle.CLOSED:
            raise _refused(place, "B04", f"子订单 {oid} 已经发货或者已关闭，不能重复发货")
    return list(dict.fromkeys(wanted))


def _company(params: Params, place: str, code: str = "B56") -> str:
    name = COMPANIES.get(params.text("company_code"))
    if name is None:
        raise _refused(place, code, "物流公司不存在，请用 taobao.logistics.companies.get 查询")
    return name


def _waybill(market: Market, params: Params, trade: Trade, place: str, code: str = "B60") -> str:
    """The waybill number; several trades of one buyer may share it (a merged parcel), two buyers may not."""
    out_sid = params.text("out_sid")
    if not WAYBILL.fullmatch(out_sid):
        raise _refused(place, code, "运单号不符合规则或已经被使用")
    if market.trades.buyers_of_waybill(out_sid) - {trade.doc["buyer_open_uid"]}:
        raise _refused(place, "F04", "运单号已被使用")
    return out_sid


def _refused(place: str, code: str, words: str) -> ApiError:
    middle = f"logistics-{place}-error" if place.startswith("update") else f"logistics-{place}-service-error"
    return business(f"{middle}:{code}", words)


METHODS = {
    "taobao.logistics.offline.send": Method(offline_send, ("tid", "out_sid", "company_code")),
    "taobao.logistics.online.send": Method(online_send, ("tid", "company_code")),
    "taobao.logistics.online.confirm": Method(online_confirm, ("tid", "out_sid")),
    "taobao.logistics.dummy.send": Method(dummy_send, ("tid",)),
    "taobao.logistics.consign.resend": Method(consign_resend, ("tid", "out_sid", "company_code")),
    "taobao.logistics.companies.get": Method(companies, ("fields",)),
}
