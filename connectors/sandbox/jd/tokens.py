"""JD's authorisation of a shop: login, codes, access tokens that end, refreshing in their last day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from connectors.sandbox.jd.clock import DAY_MS, text_of
from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.kit.storage import Storage

MONTH_OF_USE = 30 * 86_400
REFRESHES_A_MONTH = 30


class Tokens:
    """The one authorisation of the shop; what is issued survives a restart."""

    def __init__(self, storage: Storage, keys: Mapping[str, str], settings: Mapping[str, Any],
                 clock: Callable[[], int]) -> None:  # fmt: skip
        self._storage = storage
        self._keys = keys
        self._clock = clock
        self._expires_in = int(settings.get("expires_in", MONTH_OF_USE))
        self._refreshes = int(settings.get("refreshes_a_month", REFRESHES_A_MONTH))
        self.begin()

    def begin(self) -> None:
        """Issue the described tokens, unless this folder has some already."""
        with self._storage.write():
            if self._storage.recall("token") is None:
                self._keep(self._keys["access_token"], self._keys["refresh_token"])

    def is_valid(self, access_token: str) -> bool:
        """Whether this is the shop's access token and has not ended."""
        held = self._storage.recall("token")
        return bool(access_token == held["access"] and self._clock() < held["expires_ms"])

    def login(self, request: Request) -> Response:
        """The page where a merchant agrees; here everyone does, and is sent back with a code."""
        target = request.args.get("redirect_uri", "")
        if request.args.get("app_key") != self._keys["app_key"] or not target:
            return _refusal("400", "无效的app_key或缺少redirect_uri", "invalid app_key or redirect_uri")
        code = self._secret("code")
        self._storage.remember("code", code)
        query = urlencode({"code": code, "state": request.args.get("state", "")})
        return redirect(f"{target}{'&' if '?' in target else '?'}{query}")

    def issue(self, values: Mapping[str, str]) -> Call:
        """A token for an authorisation code; each code is good once."""
        refusal = self._check(values, "authorization_code", ("code",))
        if refusal is None and values["code"] != self._storage.recall("code"):
            refusal = ("400", "无效的code", "invalid code")
        if refusal is not None:
            return Call(_refusal(*refusal), f"error {refusal[0]}")
        self._storage.remember("code", None)
        return self._renewed()

    def refresh(self, values: Mapping[str, str]) -> Call:
        """A new token for a refresh token: in the last day before the old one ends, not after, not too often."""
        refusal = self._check(values, "refresh_token", ("refresh_token",)) or self._why_no_refresh(values)
        if refusal is not None:
            return Call(_refusal(*refusal), f"error {refusal[0]}")
        month = text_of(self._clock())[:7]
        used = self._storage.recall("refreshes", {})
        self._storage.remember("refreshes", {month: used.get(month, 0) + 1})
        return self._renewed()

    def _why_no_refresh(self, values: Mapping[str, str]) -> tuple[str, str, str] | None:
        held, now = self._storage.recall("token"), self._clock()
        if values["refresh_token"] != held["refresh"] or now >= held["expires_ms"]:
            return "401", "refresh_token无效或已过期", "refresh_token invalid or expired"
        if held["expires_ms"] - now > DAY_MS:
            return "400", "access_token过期前24小时内才能刷新", "refresh within the last 24 hours"
        used = self._storage.recall("refreshes", {}).get(text_of(now)[:7], 0)
        return ("403", "本月刷新次数已达上限", "monthly refresh limit") if used >= self._refreshes else None

    def _check(self, values: Mapping[str, str], grant: str, names: tuple[str, ...]) -> tuple[str, str, str] | None:
        for name in ("app_key", "app_secret", "grant_type", *names):
            if not values.get(name):
                return "400", f"缺少参数{name}", f"missing {name}"
        if (values["app_key"], values["app_secret"]) != (self._keys["app_key"], self._keys["app_secret"]):
            return "401", "无效的app_key或app_secret", "invalid client"
        return None if values["grant_type"] == grant else ("400", "不支持的grant_type", "unsupported grant_type")

    def _renewed(self) -> Call:
        access, refresh = self._secret("access"), self._secret("refresh")
        self._keep(access, refresh)
        body = {"access_token": access, "refresh_token": refresh, "expires_in": self._expires_in, "scope": "snsapi_base",
                "open_id": "oJDSHOP0001", "xid": "o*XIDSHOP0001", "uid": "1000086", "token_type": "bearer",
                "time": str(self._clock()), "code": 0}  # fmt: skip
        return Call(json_answer(body))

    def _keep(self, access: str, refresh: str) -> None:
        ends = self._clock() + self._expires_in * 1000
        self._storage.remember("token", {"access": access, "refresh": refresh, "expires_ms": ends})

    def _secret(self, name: str) -> str:
        serial = self._storage.next_number(f"jd_{name}")
        return hashlib.sha256(f"{self._keys['app_secret']}:{name}:{serial}".encode()).hexdigest()[:40]


def _refusal(code: str, chinese: str, english: str) -> Response:
    return json_answer({"code": code, "zh_desc": chinese, "en_desc": english})
