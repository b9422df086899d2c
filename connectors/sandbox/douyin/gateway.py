"""The open platform's front door: system parameters, signature, token, then the method; and the envelope."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request

from connectors.sandbox.douyin import (
    bills_api,
    cases_api,
    goods_api,
    operate_api,
    orders_api,
    receivers,
    reports_api,
    shipping_api,
)
from connectors.sandbox.douyin.errors import ApiError, envelope, lacking
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.douyin.signing import is_signed
from connectors.sandbox.douyin.tokens import Tokens
from connectors.sandbox.kit import Call, json_answer

Doc = dict[str, Any]
METHODS: dict[str, Method] = {
    **orders_api.METHODS,
    **receivers.METHODS,
    **shipping_api.METHODS,
    **cases_api.METHODS,
    **operate_api.METHODS,
    **reports_api.METHODS,
    **goods_api.METHODS,
    **bills_api.METHODS,
}
TOKEN_METHODS = ("token/create", "token/refresh")
TOLERANCE_SECONDS = 600


def answer(shop: Shop, tokens: Tokens, keys: Mapping[str, str], path: str, request: Request) -> Call:
    """One API call from parameters to envelope; refusals are counted by their codes."""
    try:
        content = _content(shop, tokens, keys, path, request)
    except ApiError as error:
        body = envelope(error.code, error.sub_code, error.sub_msg, log_id(), error.content)
        return Call(json_answer(body), f"error {error.code} {error.sub_code}")
    return Call(json_answer(envelope(10000, "", "", log_id(), content)))


def log_id() -> str:
    """A number of the call for the platform's support."""
    return f"{time.time_ns():032x}"


def _content(shop: Shop, tokens: Tokens, keys: Mapping[str, str], path: str, request: Request) -> Any:
    values = request.args.to_dict()
    text = request.get_data(as_text=True)
    _check_system(keys, values, path, text, shop.now())
    params = Params(_object(text))
    about = {"shop_id": shop.shop_id, "shop_name": shop.shop_name}
    if path == "token/create":
        return tokens.create(params, about)
    if path == "token/refresh":
        return tokens.refresh(params, about)
    if not values.get("access_token"):
        raise lacking("access-token", "认证失败，access_token不能为空")
    tokens.check(values["access_token"])
    method = METHODS[path]
    params.require(*method.required)
    return method.run(shop, params)


def _check_system(keys: Mapping[str, str], values: Mapping[str, str], path: str, text: str, now: int) -> None:
    if not values.get("app_key"):
        raise lacking("app-id", "认证失败，app_key不存在")
    for name in ("method", "timestamp", "v"):
        if not values.get(name):
            raise lacking("parameter", f"缺少参数{name}")
    if not values.get("sign"):
        raise lacking("signature", "获取签名失败")
    if values["app_key"] != keys["app_key"]:
        raise ApiError(40003, "isv.app-id-invalid", "app_key不存在")
    if values["method"] != path.replace("/", ".") or (path not in METHODS and path not in TOKEN_METHODS):
        raise ApiError(40003, "isv.method-invalid", "接口不存在")
    if values["v"] != "2":
        raise ApiError(40003, "isv.parameter-invalid", "v只能为2")
    if not values["timestamp"].isdigit() or abs(now - int(values["timestamp"])) > TOLERANCE_SECONDS:
        raise ApiError(40003, "isv.timestamp-invalid", "timestamp与服务器时间相差超过10分钟")
    if not is_signed(values, text, keys["app_secret"]):
        raise ApiError(40003, "isv.signature-invalid", "签名校验失败")


def _object(text: str) -> Doc:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ApiError(40003, "isv.parameter-format-invalid", "业务参数json解析失败")
    return found
