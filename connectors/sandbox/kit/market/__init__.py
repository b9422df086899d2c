"""What every marketplace twin shares beneath its own protocol: sales, cases, time, traffic, pushes and one ledger.

A platform's twin renders `Sale` and `Case` as its own documents, checks its own parameters and signatures, and calls
the verbs here for what buyers, sellers and time do. Nothing here knows a vendor.
"""

from connectors.sandbox.kit.market.base import MarketTwin
from connectors.sandbox.kit.market.market import Market
from connectors.sandbox.kit.market.model import CASE_OVER, LIVE_REFUND, NotAllowed, sale_from
from connectors.sandbox.kit.market.pushes import Pushes
from connectors.sandbox.kit.market.selling import decide, goods_are_back, pay_back, ship, stop, write_memo
from connectors.sandbox.kit.market.store import MARKET_SCHEMA, Case, Sale, Shelves

__all__ = [
    "CASE_OVER",
    "LIVE_REFUND",
    "MARKET_SCHEMA",
    "Case",
    "Market",
    "MarketTwin",
    "NotAllowed",
    "Pushes",
    "Sale",
    "Shelves",
    "decide",
    "goods_are_back",
    "pay_back",
    "sale_from",
    "ship",
    "stop",
    "write_memo",
]
