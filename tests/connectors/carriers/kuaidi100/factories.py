"""Accounts, trails and pushes of the kuaidi100 tests; all numbers and keys are invented."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from connectors.carriers.kuaidi100 import Kuaidi100
from connectors.contract import notices as n
from connectors.contract.manifest import Account

GATEWAY = "https://track.example.invalid"
SALT = "salt-1"
NOW = datetime(2026, 11, 23, 2, 0, 0, tzinfo=UTC)
REQUEST = n.TrackRequest("ZTO", "75000000000001", "https://hub.example.invalid/hooks/kuaidi100", "0002")


def a_tracker(**settings: str) -> Kuaidi100:
    account = Account(settings={"customer": "CUST"} | settings, secrets={"key": "kdkey", "salt": SALT}, gateway=GATEWAY)
    return Kuaidi100(account, clock=lambda: NOW)


def a_scan(code: str, time: str = "2026-11-23 09:10:00", words: str = "快件已投递", **more: Any) -> dict[str, Any]:
    return {"context": words, "time": time, "ftime": time, "statusCode": code, "areaName": "上海,徐汇区"} | more


def a_trail(state: Any = "0", *scans: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "message": "ok",
        "state": state,
        "status": "200",
        "ischeck": "0",
        "com": "zhongtong",
        "nu": "75000000000001",
        "data": list(scans),
    } | more


def a_param(trail: dict[str, Any] | None = None, **more: Any) -> str:
    push = {"status": "polling", "message": "", "autoCheck": "0", "comOld": "", "comNew": ""}
    return json.dumps(push | {"lastResult": a_trail() if trail is None else trail} | more, ensure_ascii=False)


def a_push(param: str, *, salt: str = SALT, **changes: str) -> n.PushRequest:
    """A push signed here by hand, apart from the connector's own signing."""
    form = {"param": param, "sign": hashlib.md5((param + salt).encode()).hexdigest().upper()} | changes
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return n.PushRequest("POST", "/hooks/kuaidi100", {}, headers, urlencode(form).encode(), NOW)
