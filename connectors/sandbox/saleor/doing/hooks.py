"""Web hooks, as an app makes, changes and deletes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox.kit.gql.checking import Checker
from connectors.sandbox.kit.gql.lexing import SyntaxFault
from connectors.sandbox.kit.gql.parsing import parse
from connectors.sandbox.saleor.doing.answers import Args, Refused
from connectors.sandbox.saleor.ids import global_id, key_of
from connectors.sandbox.saleor.schema import schema
from connectors.sandbox.saleor.shop import Shop

Doc = dict[str, Any]
MOST_HEADERS = 5


def document(shop: Shop, row: Mapping[str, Any]) -> Doc:
    """A Webhook."""
    events = [{"name": name.replace("_", " ").capitalize(), "eventType": name} for name in json.loads(row["events"])]
    return {
        "__typename": "Webhook", "id": global_id("Webhook", row["id"]), "name": row["name"], "identifier": None,
        "targetUrl": row["url"], "isActive": bool(row["active"]), "secretKey": row["secret"] or None,
        "subscriptionQuery": row["query"] or None, "customHeaders": row["headers"], "asyncEvents": events,
        "events": events, "app": {"id": global_id("App", 1), "name": "Order hub"},
    }  # fmt: skip


def rows(shop: Shop) -> list[Doc]:
    return [document(shop, dict(row)) for row in shop.market.storage.rows("select * from webhook order by id")]


def find(shop: Shop, id_: Any) -> Doc | None:
    return next((row for row in rows(shop) if row["id"] == id_), None)


def create(shop: Shop, args: Args) -> Doc:
    """webhookCreate."""
    told = args["input"]
    events = told.get("asyncEvents") or told.get("events") or []
    if not told.get("targetUrl"):
        raise Refused("targetUrl", "This field cannot be blank.", "REQUIRED")
    _check(told)
    if not events and not told.get("query"):
        raise Refused("asyncEvents", "At least one event is required.", "MISSING_EVENT")
    number = shop.market.storage.next_number("webhook")
    active = told.get("isActive") is not False
    shop.market.storage.execute(
        "insert into webhook (id, name, url, events, query, secret, headers, active) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, told.get("name") or "", told["targetUrl"], json.dumps(events), told.get("query") or "",
         told.get("secretKey") or "", told.get("customHeaders") or "{}", active),
    )  # fmt: skip
    return {"webhook": find(shop, global_id("Webhook", number))}


def update(shop: Shop, args: Args) -> Doc:
    """webhookUpdate."""
    told, held = args["input"], find(shop, args["id"])
    if held is None:
        raise Refused("id", f"Couldn't resolve to a node: {args['id']}", "NOT_FOUND")
    _check(told)
    columns = {"name": "name", "targetUrl": "url", "query": "query", "secretKey": "secret", "customHeaders": "headers"}
    values: Doc = {column: told[name] or "" for name, column in columns.items() if name in told}
    if "asyncEvents" in told:
        values["events"] = json.dumps(told["asyncEvents"] or [])
    if told.get("isActive") is not None:
        values["active"] = told["isActive"]
    for column, value in values.items():
        shop.market.storage.execute(
            f"update webhook set {column} = ? where id = ?", (value, key_of("Webhook", args["id"]))
        )
    return {"webhook": find(shop, args["id"])}


def delete(shop: Shop, args: Args) -> Doc:
    """webhookDelete."""
    held = find(shop, args["id"])
    if held is None:
        raise Refused("id", f"Couldn't resolve to a node: {args['id']}", "NOT_FOUND")
    shop.market.storage.execute("delete from webhook where id = ?", (key_of("Webhook", args["id"]),))
    return {"webhook": held}


def _check(told: Doc) -> None:
    if told.get("targetUrl"):
        parts = urlsplit(told["targetUrl"])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("targetUrl", "Enter a valid URL.", "INVALID")
    if told.get("customHeaders"):
        _check_headers(told["customHeaders"])
    if told.get("query"):
        _check_query(told["query"])


def _check_headers(text: str) -> None:
    try:
        headers = json.loads(text)
    except ValueError:
        headers = None
    if not isinstance(headers, dict) or len(headers) > MOST_HEADERS:
        raise Refused("customHeaders", "Custom headers must be a JSON object of 5 headers at most.",
                      "INVALID_CUSTOM_HEADERS")  # fmt: skip
    for name in headers:
        if not (name.startswith(("X-", "Authorization")) or name == "BrokerProperties"):
            raise Refused("customHeaders", f'"{name}" does not match allowed key pattern: "X-*", "Authorization*", or'
                          ' "BrokerProperties".', "INVALID_CUSTOM_HEADERS")  # fmt: skip


def _check_query(text: str) -> None:
    try:
        found = parse(text)
    except SyntaxFault as fault:
        raise Refused("query", f"Syntax Error: {fault}", "SYNTAX") from None
    if len(found.operations) != 1 or found.operations[0].kind != "subscription":
        raise Refused("query", "Missing subscription.", "MISSING_SUBSCRIPTION")
    errors = Checker(schema(), found, found.operations[0]).errors
    if errors:
        raise Refused("query", str(errors[0]["message"]), "GRAPHQL_ERROR")
