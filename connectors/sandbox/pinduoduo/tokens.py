"""The shop's authorisation: codes, the pair of tokens, their expiry and renewal."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.kit import Storage
from connectors.sandbox.pinduoduo.errors import ApiError, business

Doc = dict[str, Any]
DAY = 86_400
SCOPE = ("pdd.order.number.list.increment.get", "pdd.order.information.get", "pdd.refund.list.increment.get",
         "pdd.logistics.online.send", "pdd.goods.quantity.update")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one shop; times in epoch seconds of the platform's clock.

    Settings: `expires_in` (a day) and `refresh_expires_in` (thirty days), in real seconds.
    """

    storage: Storage
    keys: Mapping[str, str]
    settings: Mapping[str, Any]
    now: Callable[[], int]

    def check(self, token: str) -> None:
        """ApiError when the token is none of ours (10035), was replaced or has run out (10019)."""
        state = self._state()
        if token in state["replaced"]:
            raise ApiError(10019)
        if token != state["access_token"]:
            raise ApiError(10035)
        if self.now() >= state["expires_at"]:
            raise ApiError(10019)

    def new_code(self) -> str:
        """A code as the shop's owner gets it by agreeing; it buys one pair of tokens."""
        with self.storage.write():
            state, code = self._state(), secrets.token_hex(20)
            self.storage.remember("tokens", {**state, "codes": [*state["codes"], code]})
        return code

    def buy(self, code: str) -> Doc:
        """The pair of tokens for a code, which is then used up."""
        with self.storage.write():
            state = self._state()
            if code not in state["codes"]:
                raise business("code不存在或已过期")
            left = [known for known in state["codes"] if known != code]
            return self._renew({**state, "codes": left})

    def refresh(self, token: str) -> Doc:
        """A new pair for the refresh token; the old pair is void from now on."""
        with self.storage.write():
            state = self._state()
            if token != state["refresh_token"] or self.now() >= state["refresh_expires_at"]:
                raise business("refresh_token不存在或已过期")
            return self._renew(state)

    def _state(self) -> Doc:
        found: Doc | None = self.storage.recall("tokens")
        if found is None:
            found = self._dated({**{name: self.keys[name] for name in ("access_token", "refresh_token")},
                                 "codes": [self.keys["code"]], "replaced": []})  # fmt: skip
            self.storage.remember("tokens", found)
        return found

    def _renew(self, state: Doc) -> Doc:
        fresh = {"access_token": secrets.token_hex(20), "refresh_token": secrets.token_hex(20)}
        state = self._dated({**state, **fresh, "replaced": [*state["replaced"], state["access_token"]][-50:]})
        self.storage.remember("tokens", state)
        return {
            **fresh, "expires_in": self._lasts(), "expires_at": state["expires_at"],
            "refresh_token_expires_in": state["refresh_expires_at"] - self.now(),
            "refresh_token_expires_at": state["refresh_expires_at"],
            "owner_id": self.keys["mall_id"], "owner_name": "示例旗舰店", "scope": list(SCOPE),
        }  # fmt: skip

    def _dated(self, state: Doc) -> Doc:
        refresh_lasts = int(self.settings.get("refresh_expires_in", 30 * DAY))
        return {**state, "expires_at": self.now() + self._lasts(), "refresh_expires_at": self.now() + refresh_lasts}

    def _lasts(self) -> int:
        return int(self.settings.get("expires_in", DAY))
