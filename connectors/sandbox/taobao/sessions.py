"""The shop's authorisation: the page where its owner agrees, codes good once, sessions that end, renewing them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from connectors.sandbox.taobao.clock import now
from connectors.sandbox.taobao.errors import business, invalid
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.registry import Method

YEAR_S = 365 * 86_400
CODE_LASTS = timedelta(minutes=10)
NICK, USER_ID = "示例旗舰店", "100000001"


def is_valid(market: Market, keys: Mapping[str, str], session: str) -> bool:
    """Whether this is the shop's session in force; the described one is, until another was granted."""
    held = market.storage.recall("grant")
    if held is None:
        return session == keys["session"]
    return bool(session == held["session"] and now() < datetime.fromtimestamp(held["ends"], UTC))


def login(market: Market, keys: Mapping[str, str], request: Request) -> Response:
    """The page where a seller agrees; here everyone does, and is sent back with a code."""
    target = request.args.get("redirect_uri", "")
    if request.args.get("client_id") != keys["app_key"] or request.args.get("response_type") != "code" or not target:
        return Response("client_id, response_type=code and redirect_uri are needed", 400)
    code = _secret(market, "code")
    market.storage.remember("grant code", {"code": code, "until": (now() + CODE_LASTS).timestamp()})
    query = urlencode({"code": code, "state": request.args.get("state", "")})
    return redirect(f"{target}{'&' if '?' in target else '?'}{query}")


def create(market: Market, params: Params) -> dict[str, Any]:
    held = market.storage.recall("grant code")
    if held is None or params.text("code") != held["code"] or now().timestamp() > held["until"]:
        raise invalid("code", "the code is unknown, used or older than ten minutes")
    market.storage.remember("grant code", None)
    return _granted(market)


def renew(market: Market, params: Params) -> dict[str, Any]:
    """Applications outside of the service market get no refresh: setting `no_refresh`."""
    held = market.storage.recall("grant")
    if market.settings.get("no_refresh"):
        raise business("permission-api-package-limit", "this application may not refresh; authorise again")
    known = held["refresh"] if held else market.storage.recall("described refresh")
    if params.text("refresh_token") != known:
        raise invalid("refresh_token", "the refresh token is unknown or was used")
    return _granted(market)


def _granted(market: Market) -> dict[str, Any]:
    lasts = int(market.settings.get("session_lasts", YEAR_S))
    held = {"session": "6101" + _secret(market, "session"), "refresh": "6102" + _secret(market, "refresh")}
    market.storage.remember("grant", {**held, "ends": now().timestamp() + lasts})
    tokens = {
        "access_token": held["session"], "refresh_token": held["refresh"], "token_type": "Bearer",
        "expires_in": lasts, "re_expires_in": lasts, "taobao_user_id": USER_ID, "taobao_user_nick": quote(NICK),
    }  # fmt: skip
    return {"token_result": json.dumps(tokens)}


def _secret(market: Market, name: str) -> str:
    number = market.storage.next_number(f"grant {name}")
    return hashlib.sha256(f"taobao-twin:{market.seed}:{name}:{number}".encode()).hexdigest()[:48]


METHODS = {
    "taobao.top.auth.token.create": Method(create, ("code",), session=False),
    "taobao.top.auth.token.refresh": Method(renew, ("refresh_token",), session=False),
}
