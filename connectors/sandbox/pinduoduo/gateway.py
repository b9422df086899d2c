"""The front door: common parameters, signature, token, then the method; success and error envelopes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.kit.market import NotAllowed
from connectors.sandbox.pinduoduo import orders_api, refunds_api, shipping_api, shop_api
from connectors.sandbox.pinduoduo.errors import ApiError, business
from connectors.sandbox.pinduoduo.params import Params
from connectors.sandbox.pinduoduo.shop import Method, Shop
from connectors.sandbox.pinduoduo.signing import is_signed, text_values

METHODS: dict[str, Method] = {
    **orders_api.METHODS,
    **refunds_api.METHODS,
    **shipping_api.METHODS,
    **shop_api.METHODS,
}
TOLERANCE_S = 600
COMMON = ("type", "client_id", "timestamp", "sign")


def values_of(request: Request) -> dict[str, str]:
    """All parameters of a call as signed text, from the address and from a form or a JSON body."""
    found: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict()}
    if request.mimetype == "application/json":
        body = request.get_json(silent=True)
        found |= body if isinstance(body, dict) else {}
    return text_values(found)


def answer(shop: Shop, values: Mapping[str, str]) -> Call:
    """One API call from parameters to envelope; refusals are counted by their code."""
    request_id = new_request_id()
    try:
        method = _checked(shop, values)
        params = Params(values)
        params.require(*method.required)
        content = _run(shop, method, params)
    except ApiError as error:
        return Call(json_answer(error.body(request_id)), f"error {error.code}")
    told = {**content, "request_id": request_id}
    return Call(json_answer({method.root: told} if method.root else told))


def token_answer(shop: Shop, request: Request) -> Call:
    """The token endpoint: JSON in, the tokens flat out."""
    body = request.get_json(silent=True)
    params = Params(text_values(body if isinstance(body, dict) else {}))
    try:
        content = _grant(shop, params)
    except ApiError as error:
        return Call(json_answer(error.body(new_request_id())), f"error {error.code}")
    return Call(json_answer(content))


def refusal(error: ApiError) -> Response:
    """An error envelope outside of any call (faults on demand)."""
    return json_answer(error.body(new_request_id()))


def new_request_id() -> str:
    return f"{time.time_ns() // 1000}"


def _grant(shop: Shop, params: Params) -> dict[str, Any]:
    params.require("client_id", "client_secret", "grant_type")
    if params.text("client_id") != shop.keys["client_id"] or params.text("client_secret") != shop.keys["client_secret"]:
        raise ApiError(10016, "client_id或client_secret不正确")
    if params.text("grant_type") == "authorization_code":
        params.require("code")
        return shop.tokens.buy(params.text("code"))
    if params.text("grant_type") == "refresh_token":
        params.require("refresh_token")
        return shop.tokens.refresh(params.text("refresh_token"))
    raise ApiError(10000, "grant_type不正确")


def _run(shop: Shop, method: Method, params: Params) -> dict[str, Any]:
    try:
        return method.run(shop, params)
    except NotAllowed as error:
        raise business(str(error)) from error


def _checked(shop: Shop, values: Mapping[str, str]) -> Method:
    """The method asked for, once the common parameters, the signature and the token are in order."""
    for name in COMMON:
        if not values.get(name):
            raise ApiError(10001, f"公共参数错误:{name}")
    if values["client_id"] != shop.keys["client_id"]:
        raise ApiError(10016)
    method = METHODS.get(values["type"])
    if method is None:
        raise ApiError(10017)
    _check_form(shop, values)
    if not is_signed(values, shop.keys["client_secret"]):
        raise ApiError(20004)
    if method.session:
        if not values.get("access_token"):
            raise ApiError(10001, "公共参数错误:access_token")
        shop.tokens.check(values["access_token"])
    if values["type"] in shop.settings.get("denied", ()):
        raise ApiError(20031)
    return method


def _check_form(shop: Shop, values: Mapping[str, str]) -> None:
    text = values["timestamp"]
    if not text.isdigit() or abs(shop.now_s() - int(text)) > TOLERANCE_S:
        raise ApiError(10001, "公共参数错误:timestamp")
    for name, only in (("data_type", "JSON"), ("version", "V1")):
        if values.get(name, only).upper() != only:
            raise ApiError(10001, f"公共参数错误:{name}")
