"""Taobao with the platform's data push: whole pages of trade documents instead of references and details.

A page on the wire: count and more (4 bytes each), then per trade its number (8), time of change in seconds of
UTC (4), length of the body (4) and the body, all big-endian; bodies are what trade.fullinfo.get answers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from connectors.contract.errors import Retryable
from connectors.contract.families import Marketplace
from connectors.contract.records import Page, RawDocument
from connectors.marketplaces.taobao import Taobao

VENDOR = "taobao-feed"
_HEAD = struct.Struct(">II")
_ROW = struct.Struct(">QII")


class TaobaoFeed(Taobao):
    """One shop whose trades are pushed into a store that is read by page number; the rest is Taobao."""

    manifest = replace(Taobao.manifest, vendor=VENDOR, label_zh="淘宝推送库", label_en="Taobao data push")

    # The store holds no refunds to answer; leaving the call to the family says that this vendor lacks it.
    confirm_interception = Marketplace.confirm_interception

    def pull_orders(self, cursor: str) -> Page:
        """The page of this number; the cursor stays where it is while the page is not there yet."""
        number = int(cursor or 0)
        body = self.http.get(f"{self.gateway}/pages/{number}").body
        documents, more = read_page(body, self.clock())
        return Page(str(number + 1) if documents else str(number), more, documents)


def write_page(rows: Iterable[tuple[int, datetime, bytes]], more: bool) -> bytes:
    """A page on the wire from (number, time of change, body)."""
    parts = [_ROW.pack(tid, int(at.timestamp()), len(body)) + body for tid, at, body in rows]
    return _HEAD.pack(len(parts), int(more)) + b"".join(parts)


def read_page(body: bytes, now: datetime) -> tuple[tuple[RawDocument, ...], bool]:
    """The documents of a page, and whether another one is there; Retryable when it is cut off."""
    try:
        count, more = _HEAD.unpack_from(body)
        documents, at = [], _HEAD.size
        for _ in range(count):
            tid, changed, length = _ROW.unpack_from(body, at)
            at += _ROW.size + length
            if at > len(body):
                raise Retryable("the page ends within a document", code="cut-off")
            documents.append(
                RawDocument("order", str(tid), body[at - length : at], now, datetime.fromtimestamp(changed, UTC))
            )
    except struct.error:
        raise Retryable("the page ends within a document", code="cut-off") from None
    return tuple(documents), bool(more)


CONNECTOR = TaobaoFeed
