"""The two calls by which JD's encryption SDK gets the shop's keys."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jd.errors import Refused
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.shop import Method, Shop

Doc = dict[str, Any]


def voucher(shop: Shop, params: Params) -> Doc:
    """The voucher of the shop that gave the authorisation."""
    return {"response": {"error_code": "0", "error_msg": "", "data": {"voucher": shop.keys.voucher()}}}


def master_key(shop: Shop, params: Params) -> Doc:
    """The shop's keys, for whoever signs with its voucher."""
    if params.text("tid") != shop.keys.token_id or not shop.keys.is_signed(params.text("sig"), params.number("ts")):
        raise Refused(1, "INVALID_SIGNATURE", "voucher签名无效")
    now = shop.market.now_ms()
    return {"response": {"status_code": 0, "errorMsg": "", "tid": shop.keys.token_id, "ts": now,
                         "enc_service": "JOS_POP", "service_key_list": shop.keys.key_list(now)}}  # fmt: skip


def _told(refused: Refused) -> Doc:
    return {"response": {"status_code": refused.number, "errorMsg": refused.english}}


METHODS = {
    "jingdong.jos.voucher.info.get": Method(voucher, ("access_token",), _told),
    "jingdong.jos.master.key.get": Method(master_key, ("sig", "ts", "tid", "sdk_ver"), _told, session=False),
}
