"""The platform's inner office: what API calls, control endpoints and timed behaviour all work on."""

import json
import random
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.kit import FaultPlan, Scheduler, Storage
from connectors.sandbox.taobao.clock import now, text_of
from connectors.sandbox.taobao.errors import business
from connectors.sandbox.taobao.store import Trade, Trades

COMPANIES = {
    "SF": "顺丰速运", "EMS": "EMS", "ZTO": "中通快递", "YTO": "圆通速递", "STO": "申通快递",
    "YUNDA": "韵达快递", "JTSD": "极兔速递", "DBKD": "德邦快递", "POSTB": "邮政快递包裹", "JD": "京东快递",
}  # fmt: skip
DEFAULTS: dict[str, float] = {
    "balance_after": 600, "release_after": 300, "sign_after": 86_400, "finish_after": 3 * 86_400,
    "refund_reaches_trade_after": 120, "buyer_returns_after": 86_400,
}  # fmt: skip


@dataclass(slots=True)
class Market:
    """Storage and tools of one simulated platform; `seed` picks its catalogue and credentials."""

    storage: Storage
    trades: Trades
    scheduler: Scheduler
    faults: FaultPlan
    random: random.Random
    seed: int
    settings: dict[str, Any]

    def delay(self, name: str) -> float:
        """A delay of timed behaviour in twin-seconds: from the settings, else the default."""
        return float(self.settings.get(name, DEFAULTS[name]))

    def now_text(self) -> str:
        return text_of(now())

    def trade(self, tid: str) -> Trade:
        """A trade of this shop, or the platform's refusal."""
        trade = self.trades.get(tid)
        if trade is None:
            raise business("trade-not-exist", "交易订单不存在")
        return trade

    def announce(self, topic: str, trade: Trade, **more: str) -> None:
        """Put a message on the shop's queue: a hint that something changed, nothing to rely on."""
        content = {"tid": int(trade.tid), "status": trade.doc["status"], **more}
        content |= {"buyer_nick": trade.doc["buyer_nick"], "seller_nick": trade.doc["seller_nick"]}
        self.storage.execute(
            "insert into message (topic, content, at) values (?, ?, ?)",
            (topic, json.dumps(content, ensure_ascii=False), self.now_text()),
        )
