"""New trades on demand and as free traffic, with what later happens to them on its own."""

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from connectors.sandbox.taobao.clock import now
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.spoil import SPOILERS
from connectors.sandbox.taobao.store import Trade
from connectors.sandbox.traffic import (
    KINDS,
    draw_kind,
    plan_merge_pair,
    plan_trade,
    receiver_key,
    trade_document,
)
from connectors.sandbox.traffic.plans import FIRST_TID

Plan = dict[str, Any]
ROOM = 100
SEED_ROOM = 10**13
TICK_SECONDS = 0.5
# What buyers do of their own accord in free traffic: verb, chance, earliest and latest twin-seconds.
WHIMS = (
    ("refund", 0.03, 30, 3600),
    ("edit_address", 0.01, 20, 900),
    ("edit_memo", 0.02, 20, 900),
)


def create_trades(market: Market, kinds: Mapping[str, int], tag: str = "") -> dict[str, Any]:
    """Create so many trades of each kind now; answers tids by kind.

    `merge_pairs` counts pairs and lists them as [tid, tid]; `bad` lists tids by kind of damage, in turn.
    ValueError names a kind that does not exist.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise ValueError(f"unknown kind {', '.join(unknown)}; use {', '.join(KINDS)}")
    created: dict[str, Any] = {}
    with market.storage.write():
        for kind, count in kinds.items():
            created[kind] = _create_kind(market, kind, int(count), tag)
    return created


def free_traffic(market: Market, count: int) -> None:
    """So many trades of drawn kinds, with buyers' later whims."""
    with market.storage.write():
        for _ in range(count):
            kind = draw_kind(market.random)
            made = _tids_of(_create_kind(market, kind, 1, "traffic"))
            for tid in made:
                _plan_whims(market, tid, kind)


def start_traffic(market: Market, per_minute: float) -> None:
    """Make free traffic at this rate (real minutes) from now on; 0 stops it."""
    market.storage.remember("traffic", {"per_minute": per_minute})
    if per_minute > 0 and not market.storage.one("select 1 from _task where name = 'traffic'"):
        market.scheduler.after(0, "traffic")


def tick(market: Market) -> None:
    """One beat of free traffic: draws how many trades fall into it and plans the next beat."""
    per_minute = float(market.storage.recall("traffic", {"per_minute": 0})["per_minute"])
    if per_minute <= 0:
        return
    market.scheduler.after(TICK_SECONDS * market.scheduler.speed, "traffic")
    free_traffic(market, _poisson(market, per_minute * TICK_SECONDS / 60))


def _create_kind(market: Market, kind: str, count: int, tag: str) -> Any:
    if kind == "merge_pairs":
        return [_create_pair(market, tag) for _ in range(count)]
    if kind == "bad":
        return _create_bad(market, count, tag)
    plans = [plan_trade(market.random, kind, tid=tid, at=_at(), seed=market.seed) for tid in _tids(market, count)]
    return _insert(market, plans, tag)


def _create_pair(market: Market, tag: str) -> list[str]:
    first, second = _tids(market, 2)
    return _insert(market, plan_merge_pair(market.random, tids=(first, second), at=_at(), seed=market.seed), tag)


def _create_bad(market: Market, count: int, tag: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    names = tuple(SPOILERS)
    for tid in _tids(market, count):
        spoil = names[market.storage.next_number("bad", 0) % len(names)]
        plan = plan_trade(market.random, "bad", tid=tid, at=_at(), seed=market.seed)
        found.setdefault(spoil, []).extend(_insert(market, [plan], tag, spoil))
    return found


def _insert(market: Market, plans: Iterable[Plan], tag: str, spoil: str = "") -> list[str]:
    trades = [_trade(plan, tag, spoil) for plan in plans]
    market.trades.add(trades)
    for trade in trades:
        market.announce("taobao_trade_TradeCreate", trade)
        _plan_future(market, trade)
    return [trade.tid for trade in trades]


def _trade(plan: Plan, tag: str, spoil: str) -> Trade:
    buyer = plan["buyer"]
    key = receiver_key(buyer["open_uid"], buyer["receiver"])
    kind = f"bad:{spoil}" if spoil else plan["kind"]
    return Trade(str(plan["tid"]), kind, tag, trade_document(plan), buyer["receiver"], key, spoil)


def _plan_future(market: Market, trade: Trade) -> None:
    after = {"presale_paid": ("balance_after", "pay_balance")}
    after |= dict.fromkeys(("held", "group_buy"), ("release_after", "release"))
    if trade.kind in after:
        delay, verb = after[trade.kind]
        market.scheduler.after(market.delay(delay), "act", {"tid": trade.tid, "verb": verb})


def _plan_whims(market: Market, tid: str, kind: str) -> None:
    rng = market.random
    if kind in ("unpaid", "no_pay_created", "pay_pending", "pre_auth"):
        verb, delay = ("pay", rng.uniform(60, 600)) if rng.random() < 0.7 else ("close", 1800)
        market.scheduler.after(delay, "act", {"tid": tid, "verb": verb})
        return
    for verb, chance, earliest, latest in WHIMS:
        if rng.random() < chance:
            delay = rng.uniform(earliest, latest)
            market.scheduler.after(delay, "act", {"tid": tid, "verb": verb})


def _tids(market: Market, count: int) -> list[int]:
    first = FIRST_TID + market.seed % 1000 * SEED_ROOM
    start = market.storage.next_number("tid", first, ROOM * count)
    return [start + ROOM * n for n in range(count)]


def _tids_of(created: Any) -> list[str]:
    """The tids in whatever shape a kind is listed."""
    if isinstance(created, str):
        return [created]
    parts = created.values() if isinstance(created, dict) else created
    return [tid for part in parts for tid in _tids_of(part)]


def _at() -> Any:
    """Created a moment ago, so that payment, a second later, does not lie in the future."""
    return now() - timedelta(seconds=2)


def _poisson(market: Market, mean: float) -> int:
    """A Poisson draw (Knuth): how many independent buyers happen to come in a beat."""
    limit, product, count = math.exp(-mean), market.random.random(), 0
    while product > limit:
        product *= market.random.random()
        count += 1
    return count
