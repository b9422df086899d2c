"""The seller's word on returns and refunds: goods may come, goods may not, no money, money."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.sandbox.kit.market import CASE_OVER, Case, NotAllowed
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.suning import cases
from connectors.sandbox.suning.errors import ApiError, invalid, missing
from connectors.sandbox.suning.params import Params
from connectors.sandbox.suning.shop import Answer, Method, Shop
from connectors.sandbox.traffic import fen

AMOUNT = re.compile(r"\d+(\.\d{1,2})?")
#: The code that reaches the seller's phone, which a refund must name; the setting `sms_code` changes it.
SMS_CODE = "246810"
Act = Callable[[Shop, Case, str], None]


def agree_to_return(shop: Shop, params: Params) -> Answer:
    """Goods of these lines may come back to one of the shop's addresses."""
    params.group("rejectedHead").require("address", "name", "telephone")
    return _decided(shop, params, "rejected", "C040", cases.agree_to_return)


def refuse_return(shop: Shop, params: Params) -> Answer:
    """Goods of these lines may not come back."""
    return _decided(shop, params, "rejected", "C051", lambda shop, case, why: cases.refuse(shop, case, "C041", why))


def refuse_money(shop: Shop, params: Params) -> Answer:
    """No money for these lines."""
    return _decided(shop, params, "refund", "C051", lambda shop, case, why: cases.refuse(shop, case, "C051", why))


def send_code(shop: Shop, params: Params) -> Answer:
    """A code goes to the seller's phone."""
    return Answer({"result": "Y"})


def agree_to_pay(shop: Shop, params: Params) -> Answer:
    """Money for one line, with the code from the seller's phone."""
    if params.text("code") != str(shop.settings.get("sms_code", SMS_CODE)):
        raise invalid(params.biz, "code", "验证码错误")
    params.choice("returnType", ("2", "3", "4"))
    amount, line = params.text("returnMoney"), params.text("orderItemId")
    if not AMOUNT.fullmatch(amount):
        raise invalid(params.biz, "returnMoney")
    with shop.market.storage.write():
        found = _cases(shop, "json_extract(doc, '$.lines[0].no') = ?", line)
        if not found:
            raise invalid(params.biz, "orderItemId", "没有待处理的退款")
        try:
            cases.agree_to_pay(shop, found[-1], fen(amount))
        except NotAllowed as forbidden:
            raise invalid(params.biz, "orderItemId", f"：{forbidden}") from forbidden
    return Answer({"orderItemId": line, "result": "Y"})


def _decided(shop: Shop, params: Params, word: str, state: str, act: Act) -> Answer:
    """Say the same of every line that the call names: all of them, or none."""
    head, details = params.group(f"{word}Head"), params.groups(f"{word}Detail")
    head.require("orderCode")
    if not details:
        raise missing(params.biz, f"{word}Detail")
    with shop.market.storage.write():
        for detail in details:
            detail.require("productCode", "state")
            detail.choice("state", (state,))
            if state == "C051":
                detail.require("reason")
            case = _named(shop, head.text("orderCode"), detail)
            try:
                act(shop, case, detail.text("reason"))
            except NotAllowed as forbidden:
                raise invalid(params.biz, "state", f"：{forbidden}") from forbidden
    return Answer({"orderCode": head.text("orderCode"), "result": "Y"})


def _named(shop: Shop, number: str, detail: Params) -> Case:
    """The running case of the order's line that is named, by its number or by its goods."""
    sale, line = shop.order(number), detail.text("orderLineNumber")
    if sale is None:
        raise ApiError(f"biz.{detail.biz}.ordercode-value:inexistence", "订单号不存在")
    for case in reversed(_cases(shop, "sale = ?", number)):
        found = line_of(sale.doc, case.doc["lines"][0]["no"])
        if found["sku"]["sku_id"] == detail.text("productCode") and line in ("", found["no"]):
            return case
    raise invalid(detail.biz, "orderLineNumber", "没有待处理的退货")


def _cases(shop: Shop, where: str, value: str) -> list[Case]:
    rows = shop.market.shelves.list_cases("created_ms", 0, 10**14, 0, 100, where=where, args=[value])
    return [case for case in rows.found if case.doc["state"] not in CASE_OVER]


PAYING = ("childAccountName", "code", "orderItemId", "returnMoney", "applyTime", "returnType")
METHODS = {
    "suning.custom.agreerejected.modify": Method("agreeRejected", agree_to_return, ("rejectedHead", "rejectedDetail")),
    "suning.custom.disagreerejected.modify": Method(
        "disAgreeRejected", refuse_return, ("rejectedHead", "rejectedDetail")
    ),
    "suning.custom.disagreerefund.modify": Method("disAgreeRefund", refuse_money, ("refundHead", "refundDetail")),
    "suning.custom.verifycode.get": Method("getVerifyCode", send_code, ("childAccountName",)),
    "suning.custom.agreerefund.modify": Method("modifyAgreeRefund", agree_to_pay, PAYING),
}
