"""The authorisation of the shop: codes, access tokens that end, refreshing in their last hour."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.douyin.errors import ApiError, token_expired
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.kit.storage import Storage

Doc = dict[str, Any]
WEEK = 7 * 86_400
TWO_WEEKS_MS = 14 * 86_400_000
HOUR_MS = 3_600_000


class Tokens:
    """The one authorisation of the shop; what is issued survives a restart. Setting: `expires_in` (seconds)."""

    def __init__(self, storage: Storage, keys: Mapping[str, str], settings: Mapping[str, Any],
                 clock: Callable[[], int]) -> None:  # fmt: skip
        self._storage = storage
        self._keys = keys
        self._clock = clock
        self._expires_in = int(settings.get("expires_in", WEEK))
        self.begin()

    def begin(self) -> None:
        """Issue the described tokens, unless this folder has some already."""
        with self._storage.write():
            if self._storage.recall("token") is None:
                self._keep(self._keys["access_token"], self._keys["refresh_token"])
                self._storage.remember("codes", [self._keys["code"]])

    def check(self, access_token: str) -> None:
        """ApiError unless this is a token of the shop that has not ended."""
        if not self._storage.recall("authorised", True):
            raise ApiError(30001, "dop.authorization-closed", "店铺授权已被关闭")
        now, held = self._clock(), self._storage.recall("token")
        former = self._storage.recall("former_tokens", {})
        ends = held["expires_ms"] if access_token == held["access"] else former.get(access_token)
        if ends is None:
            raise ApiError(40003, "isv.access-token-no-existed", "access_token不存在，请使用最新的access_token访问")
        if now >= ends:
            raise token_expired()

    def add_code(self) -> str:
        """A fresh authorisation code, as the merchant's consent would give one."""
        code = self._secret("code")
        self._storage.remember("codes", [*self._storage.recall("codes", []), code])
        self._storage.remember("authorised", True)
        return code

    def withdraw(self) -> None:
        """The merchant closes the authorisation."""
        self._storage.remember("authorised", False)

    def create(self, params: Params, shop: Doc) -> Doc:
        """A token for a code (each good once), or for the application's own shop."""
        params.require("grant_type")
        grant = params.text("grant_type")
        if grant == "authorization_code":
            self._spend(params)
            self._renew()
        elif grant == "authorization_self":
            params.require("shop_id")
            if params.text("shop_id") != str(shop["shop_id"]):
                raise _failed("shop", "店铺未授权给该应用")
            self._renew_if_ending()
        else:
            raise _failed("grant-type", "grant_type不支持")
        return self._answer(shop)

    def refresh(self, params: Params, shop: Doc) -> Doc:
        """New tokens in the last hour and afterwards; before it the same ones, with what is left of their time."""
        params.require("grant_type", "refresh_token")
        if params.text("grant_type") != "refresh_token":
            raise _failed("grant-type", "grant_type不支持")
        held, now = self._storage.recall("token"), self._clock()
        if params.text("refresh_token") != held["refresh"]:
            raise _failed("refresh-token-invalid", "refresh_token不存在或已失效")
        if now >= held["refresh_ms"]:
            raise _failed("refresh-token-expired", "refresh_token已过期")
        self._renew_if_ending()
        return self._answer(shop)

    def _spend(self, params: Params) -> None:
        params.require("code")
        codes = self._storage.recall("codes", [])
        if params.text("code") not in codes:
            raise _failed("code-invalid", "授权码不存在或已使用")
        self._storage.remember("codes", [code for code in codes if code != params.text("code")])

    def _renew_if_ending(self) -> None:
        if self._storage.recall("token")["expires_ms"] - self._clock() <= HOUR_MS:
            self._renew()

    def _renew(self) -> None:
        held, now = self._storage.recall("token"), self._clock()
        # What was still good stays so for at most an hour beside its successor.
        former = {held["access"]: min(held["expires_ms"], now + HOUR_MS)}
        self._storage.remember("former_tokens", former)
        self._keep(self._secret("access"), self._secret("refresh"))

    def _keep(self, access: str, refresh: str) -> None:
        now = self._clock()
        self._storage.remember("token", {"access": access, "refresh": refresh, "refresh_ms": now + TWO_WEEKS_MS,
                                         "expires_ms": now + self._expires_in * 1000})  # fmt: skip

    def _answer(self, shop: Doc) -> Doc:
        held = self._storage.recall("token")
        return {
            "access_token": held["access"], "expires_in": max(0, (held["expires_ms"] - self._clock()) // 1000),
            "refresh_token": held["refresh"], "scope": "SCOPE", "shop_id": shop["shop_id"],
            "shop_name": shop["shop_name"], "authority_id": "", "auth_subject_type": "",
        }  # fmt: skip

    def _secret(self, name: str) -> str:
        serial = self._storage.next_number(f"douyin_{name}")
        return hashlib.sha256(f"{self._keys['app_secret']}:{name}:{serial}".encode()).hexdigest()[:36]


def _failed(why: str, words: str) -> ApiError:
    return ApiError(50001, f"dop.token-generate-failed:{why}", words)
