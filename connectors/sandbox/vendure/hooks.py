"""The webhooks that are set for the channel: which events go where, with the shop's own transformer or empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.vendure.shop import Shop

Doc = dict[str, Any]
HOOK_SCHEMA = """
create table if not exists webhook (
    id integer primary key, event text not null, url text not null, transformer text not null);
"""
EVENTS = ("OrderPlacedEvent", "OrderStateTransitionEvent", "FulfillmentStateTransitionEvent", "RefundEvent",
          "RefundStateTransitionEvent")  # fmt: skip
TRANSFORMER = "signed-json"


def transformer() -> Doc:
    """The one transformer that this shop wrote: a JSON body with an HMAC of it in a header."""
    return {"name": TRANSFORMER, "supportedEvents": list(EVENTS)}


def rows(shop: Shop) -> list[Doc]:
    """Every webhook of the channel."""
    found = shop.market.storage.rows("select * from webhook order by id")
    return [
        {"id": str(row["id"]), "event": row["event"], "url": row["url"],
         "requestTransformer": transformer() if row["transformer"] else None}
        for row in found
    ]  # fmt: skip


def replace_all(shop: Shop, wanted: Sequence[Doc]) -> list[Doc]:
    """Set all webhooks of the channel; those before are gone."""
    for one in wanted:
        if one["event"] not in EVENTS:
            raise FieldRefusal(f"Event {one['event']} is not an available webhook event", "USER_INPUT_ERROR")
        if one.get("transformerName") not in (None, "", TRANSFORMER):
            raise FieldRefusal(f"No transformer with the name {one['transformerName']}", "USER_INPUT_ERROR")
    told = [(one["event"], one["url"], one.get("transformerName") or "") for one in wanted]
    with shop.market.storage.write() as tx:
        tx.execute("delete from webhook")
        tx.executemany("insert into webhook (event, url, transformer) values (?, ?, ?)", told)
    return rows(shop)
