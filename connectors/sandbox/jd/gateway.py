"""JOS's front door: system parameters, signature, authorisation, then the method; success and error envelopes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request

from connectors.sandbox.jd import audits_api, cancels_api, goods_api, keys_api, orders_api, services_api, shipping_api
from connectors.sandbox.jd.clock import ms_of
from connectors.sandbox.jd.errors import ApiError, Refused, invalid
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.shop import Method, Shop
from connectors.sandbox.jd.signing import is_signed
from connectors.sandbox.jd.tokens import Tokens
from connectors.sandbox.kit import Call, json_answer

METHODS: dict[str, Method] = {
    **orders_api.METHODS,
    **shipping_api.METHODS,
    **cancels_api.METHODS,
    **services_api.METHODS,
    **audits_api.METHODS,
    **goods_api.METHODS,
    **keys_api.METHODS,
}
TOLERANCE_MS = 6 * 60_000
BUSINESS = "360buy_param_json"


def params_of(request: Request) -> dict[str, str]:
    """All parameters of a call, from the address and the form."""
    return {**request.args.to_dict(), **request.form.to_dict()}


def answer(shop: Shop, tokens: Tokens, keys: Mapping[str, str], values: Mapping[str, str]) -> Call:
    """One API call from parameters to envelope; refusals are counted by their code."""
    try:
        method = _checked(shop, tokens, keys, values)
        params = _business(values)
        params.require(*method.required)
        content, outcome = _run(method, shop, params)
    except ApiError as error:
        return Call(json_answer(error.body()), f"error {error.code}")
    return Call(json_answer({root_of(values["method"]): {"code": "0", **content}}), outcome)


def root_of(method: str) -> str:
    """The outermost key of a success: JD's misspelling, which the oldest calls do not have."""
    if method.startswith("360buy."):
        return method.removeprefix("360buy.").replace(".", "_") + "_response"
    return method.replace(".", "_") + "_responce"


def _run(method: Method, shop: Shop, params: Params) -> tuple[dict[str, Any], str]:
    try:
        return method.run(shop, params), "ok"
    except Refused as refused:
        return method.refused(refused), f"refused {refused.number}"


def _checked(shop: Shop, tokens: Tokens, keys: Mapping[str, str], values: Mapping[str, str]) -> Method:
    """The method asked for, once the system parameters are in order."""
    for name, code in (("method", "14"), ("app_key", "21"), ("timestamp", "7"), ("v", "4"), ("sign", "11")):
        if not values.get(name):
            raise ApiError(code)
    method = METHODS.get(values["method"])
    if method is None:
        raise ApiError("15")
    if values["app_key"] != keys["app_key"]:
        raise ApiError("21")
    _check_time(shop, values["timestamp"])
    if values["v"] != "2.0":
        raise ApiError("5")
    if values.get("format", "json") != "json":
        raise invalid("format", "must be json in this sandbox")
    if not is_signed(values, keys["app_secret"]):
        raise ApiError("12")
    if method.session and not tokens.is_valid(values.get("access_token", "")):
        raise ApiError("19")
    if method.special and not shop.settings.get("plain_access", True):
        raise ApiError("24")
    return method


def _check_time(shop: Shop, text: str) -> None:
    try:
        moment = ms_of(text)
    except ValueError:
        raise ApiError("8") from None
    if abs(shop.market.now_ms() - moment) > TOLERANCE_MS:
        raise ApiError("8")


def _business(values: Mapping[str, str]) -> Params:
    try:
        found = json.loads(values.get(BUSINESS) or "{}")
    except ValueError:
        raise invalid(BUSINESS, "is not JSON") from None
    if not isinstance(found, dict):
        raise invalid(BUSINESS, "must be an object")
    return Params(found)
