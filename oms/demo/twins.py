"""Talks to the control endpoints of the simulated platforms: ledgers, faults, levers. They belong to no platform."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from oms.demo.markets import markets_in

TIMEOUT_SECONDS = 30.0


class TwinRefused(Exception):
    """A twin will not do what was asked; the text is its own sentence."""


class Twin:
    """One twin's levers under /_twin/."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        """The JSON answer of a control endpoint."""
        return self._call(path, None)

    def post(self, path: str, **body: Any) -> Any:
        """The same with a JSON body; TwinRefused when the twin says no."""
        return self._call(path, body)

    def ledger(self) -> dict[str, Any]:
        """Everything that happened, as this platform knows it."""
        found: dict[str, Any] = self.get("ledger")
        return found

    def set_faults(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """Let these faults take the place of all active ones."""
        self.post("faults", faults=list(faults))

    def _call(self, path: str, body: Mapping[str, Any] | None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.url}/_twin/{path}", content, headers)  # noqa: S310 - addresses of our own children
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            raise TwinRefused(f"{path}: {error.read().decode('utf-8', 'replace')[:200]}") from None


class Twins:
    """The three platforms of a sandbox, from the content of its sandbox.json."""

    def __init__(self, sandbox: Mapping[str, Mapping[str, Any]]) -> None:
        self.sandbox = sandbox
        self.taobao = Twin(sandbox["taobao"]["url"])
        self.qimen = Twin(sandbox["qimen"]["url"])
        self.kuaidi100 = Twin(sandbox["kuaidi100"]["url"])
        self.markets = {market.vendor: Twin(sandbox[market.vendor]["url"]) for market in markets_in(sandbox)}

    def catalogue(self) -> list[Mapping[str, Any]]:
        """Every saleable code of the simulated shop."""
        items: list[Mapping[str, Any]] = self.taobao.get("catalogue")["items"]
        return items

    def create_trades(self, count: int, kinds: Mapping[str, int], tag: str = "") -> dict[str, Any]:
        """Create trades now; answers their numbers by kind, in the twin's shapes."""
        tids: dict[str, Any] = self.taobao.post("trades", count=count, kinds=dict(kinds), tag=tag)["tids"]
        return tids

    def trade(self, tid: str, verb: str, **body: Any) -> dict[str, Any]:
        """Do one thing to a trade as its buyer, its seller or the platform."""
        answer: dict[str, Any] = self.taobao.post(f"trades/{tid}/{verb}", **body)
        return answer

    def stall(self, tid: str, stage: str) -> None:
        """Keep every warehouse order of this trade, also future ones, from leaving a stage."""
        self.qimen.post("stall", source_order=tid, stage=stage)

    def release(self, tid: str) -> None:
        """Let the warehouse orders of this trade go on."""
        self.qimen.post("release", source_order=tid)
