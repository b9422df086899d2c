"""Messages: which change becomes which topic, the frames, and how they wait for the application to fetch them."""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.kit.market import Pushes
from connectors.sandbox.pinduoduo.shop import Shop
from connectors.sandbox.pinduoduo.signing import message_digest
from connectors.sandbox.pinduoduo.states import type_of

Doc = dict[str, Any]
#: The address of messages that are fetched over the application's own socket.
SOCKET = "pmc:"
ORDER_TOPICS = {
    "paid": "pdd_trade_TradeConfirmed", "released": "pdd_trade_TradeConfirmed", "created": "pdd_trade_TradeConfirmed",
    "risk": "pdd_trade_TradeRiskChanged", "memo": "pdd_trade_TradeMemoModified",
    "address": "pdd_trade_TradeLogisticsAddressChanged", "shipped": "pdd_trade_TradeSellerShip",
    "completed": "pdd_trade_TradeSuccess",
}  # fmt: skip
CASE_TOPICS = {
    "case_asked": "pdd_refund_RefundCreated", "case_agreed": "pdd_refund_RefundAgreeAgreement",
    "case_closed": "pdd_refund_RefundClosed", "case_refused": "pdd_refund_RefundSellerRefuseAgreement",
    "case_returned": "pdd_refund_RefundBuyerReturnGoods", "case_succeeded": "pdd_refund_RefundSuccess",
    "case_changed": "pdd_refund_RefundModified",
}  # fmt: skip
TOPICS = frozenset((*ORDER_TOPICS.values(), *CASE_TOPICS.values()))


class SocketPushes(Pushes):
    """Pushes that are posted to an address, or wait until the application fetches them over its socket.

    States of a fetched one: waiting (not due), ready, sent (not acknowledged), done, lost.
    """

    def fetch(self, most: int) -> list[Doc]:
        """Frames that are ready; they count as sent from now on."""
        if self._storage.one("select 1 from push where state = 'ready'") is None:
            return []
        with self._storage.write() as tx:
            rows = tx.execute("select id, body from push where state = 'ready' order by id limit ?", (most,)).fetchall()
            tx.executemany(
                "update push set state = 'sent', tries = tries + 1 where id = ?", [(row["id"],) for row in rows]
            )
        return [{"id": row["id"], "body": row["body"]} for row in rows]

    def settle(self, frame_id: int, state: str) -> None:
        """What the application said of a frame: done, or ready to be sent again."""
        self._storage.execute("update push set state = ? where state = 'sent' and id = ?", (state, frame_id))

    def put_back(self) -> None:
        """Frames that a broken connection took with it are sent again over the next one."""
        self._storage.execute("update push set state = 'ready' where state = 'sent'")

    def _send(self, id_: int) -> None:
        row = self._storage.one("select url from push where id = ?", (id_,))
        if row is None or row["url"] != SOCKET:
            super()._send(id_)
            return
        self._storage.execute("update push set state = 'ready' where id = ? and state <> 'lost'", (id_,))


def announce(shop: Shop, pushes: Pushes, topic: str, number: str) -> None:
    """Send the message of a change, when the shop has messages on and the platform has one for it."""
    on: Doc | None = shop.market.storage.recall("pmc")
    url = str(shop.settings.get("push_url", ""))
    if on is None and not url:
        return
    name, content = _content(shop, topic, number)
    if not name or (on is not None and name not in on["topics"]):
        return
    now = shop.market.now_ms()
    message = {"type": name, "mallID": shop.mall_id, "content": json.dumps(content, separators=(",", ":"))}
    with shop.market.storage.write():
        # The frame tells its own row, which the acknowledgement will name.
        frame_id = int(shop.market.storage.scalar("select coalesce(max(id), 0) + 1 from push"))
        frame = {"id": frame_id, "commandType": "Common", "sendTime": now, "message": message}
        pushes.send(url or SOCKET, name, number, json.dumps(frame).encode(), _signed(shop, now))


def _content(shop: Shop, topic: str, number: str) -> tuple[str, Doc]:
    """The topic's name and what it tells; "" when there is none for this change."""
    if topic in CASE_TOPICS:
        case = shop.market.find_case(number)
        told = {"tid": case.doc["order"], "refund_id": int(number), "refund_fee": case.doc["amount"],
                "bill_type": type_of(case), "modified": case.doc["changed_ms"], "operation": 1000}  # fmt: skip
        return CASE_TOPICS[topic], {"mall_id": shop.mall_id, **told}
    doc = shop.market.find_sale(number).doc
    name = ORDER_TOPICS.get(topic, "")
    if topic == "created" and not doc["confirmed_ms"]:
        name = ""
    if doc["hold"] == "risk" and topic in ("created", "released"):
        name = "pdd_trade_TradeRiskChanged"
    return name, {"mall_id": shop.mall_id, "tid": number, "modified": doc["changed_ms"]}


def _signed(shop: Shop, now: int) -> dict[str, str]:
    """What a relay proves itself with, by the platform's own formula for opening the message service."""
    client, secret = shop.keys["client_id"], shop.keys["client_secret"]
    return {"Pdd-Client-Id": client, "Pdd-Timestamp": str(now), "Pdd-Digest": message_digest(client, str(now), secret)}
