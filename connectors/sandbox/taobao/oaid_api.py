"""Masked receivers: decrypting for a scene, and which trades go to the same person and address."""

from datetime import timedelta
from typing import Any

from connectors.sandbox.taobao.clock import now, text_of
from connectors.sandbox.taobao.errors import invalid
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.registry import Method
from connectors.sandbox.taobao.store import Trade

SCENES = frozenset(["1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008", "1009", "2001", "2002", "3001"])
PRIVACY_DAYS = timedelta(days=30)


def decrypt(market: Market, params: Params) -> dict[str, Any]:
    queries = _items(params, "query_list", 20, ("oaid", "tid", "scene"))
    for query in queries:
        if str(query["scene"]) not in SCENES:
            raise invalid("query_list.scene", "unknown scene")
    return {"receiver_list": {"receiver": [_receiver(market, query) for query in queries]}}


def merge(market: Market, params: Params) -> dict[str, Any]:
    """Groups of trades with the same buyer and address; a stale oaid stands alone."""
    groups: dict[str, list[str]] = {}
    for item in _items(params, "merge_list", 100, ("oaid", "tid")):
        trade = market.trade(str(item["tid"]))
        key = trade.receiver_key if trade.doc["oaid"] == item["oaid"] else f"stale:{trade.tid}"
        groups.setdefault(key, []).append(trade.tid)
    return {"tid_list": {"string": [",".join(tids) for tids in groups.values()]}}


def _items(params: Params, name: str, most: int, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    items = params.json(name)
    if not isinstance(items, list) or not items or len(items) > most:
        raise invalid(name, f"a list of 1 to {most} objects")
    for item in items:
        if not isinstance(item, dict) or any(not item.get(key) for key in keys):
            raise invalid(name, f"each object needs {', '.join(keys)}")
    return items


def _receiver(market: Market, query: dict[str, Any]) -> dict[str, Any]:
    trade = market.trade(str(query["tid"]))
    matched = trade.doc["oaid"] == query["oaid"]
    answer = {"oaid": query["oaid"], "tid": trade.tid, "matched": matched}
    return {**answer, **_clear(trade)} if matched else answer


def _clear(trade: Trade) -> dict[str, Any]:
    receiver = trade.receiver
    names = ("name", "mobile", "phone", "country", "state", "city", "district", "town")
    clear: dict[str, Any] = {name: receiver[name] for name in names}
    clear |= {"address_detail": receiver["address"], "privacy_protection": False}
    if int(trade.receiver_key[:2], 16) < 26:
        # A tenth of the buyers hide their number behind one that the platform lends for a month.
        clear |= {"privacy_protection": True, "mobile": f"18400000000-{int(trade.tid[-6:]) % 10000:04d}"}
        clear["secret_no_expire_time"] = text_of(now() + PRIVACY_DAYS)
    return clear


METHODS = {
    "taobao.top.oaid.decrypt": Method(decrypt, ("query_list",)),
    "taobao.top.oaid.merge": Method(merge, ("merge_list",)),
}
