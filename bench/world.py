"""The hub of a bench: shops on the feed, eight warehouses that are not called, couriers, goods, stock, rules."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import orjson
from psycopg import Connection

from bench.feed import VENDOR
from connectors.sandbox.traffic import catalogue
from oms.app.kernel.hub import Hub
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.db.bulk import copy_rows, psycopg_connection
from rules.codec import read_rule_set

WAREHOUSES: Final = 8
#: So many units of every SKU in every warehouse that nothing runs short: shortness is another bench's matter.
STOCK: Final = 1_000_000
RULES: Final = 40
CARRIERS: Final = ("ZTO", "YTO", "STO", "YUNDA", "EMS", "SF")
PROVINCES: Final = ("11", "12", "31", "33", "44", "32", "51", "50", "42", "43", "61", "37", "35", "34", "41", "21", "53")
SHOP_ACCOUNTS: Final = 100
SKUS: Final = 1000
MOVEMENT: Final = ("month", "stock_point_id", "sku_id", "id", "kind", "on_hand", "reserved", "reason", "at")


def build_world(hub: Hub, gateway: str, shops: int, rules: int = RULES) -> None:
    """Write all master rows; schedules are there but off, so that the feeds open when the clock starts.

    The warehouses' account is paused: what is measured ends with the committed outbound rows.
    """
    with hub.begin() as connection:
        raw = psycopg_connection(connection)
        _write_parties(raw, gateway, shops)
        _write_carriers(raw)
        _write_rules(raw, rules)
        skus = _write_goods(raw)
        _write_stock(hub, connection, skus)
    hub.masters.forget()


def open_feeds(connection: Connection[Any]) -> None:
    """Switch the shops' schedules on; the caller commits and pokes."""
    connection.execute("update sync_schedule set is_enabled = true")


def _write_parties(raw: Connection[Any], gateway: str, shops: int) -> None:
    run = raw.execute
    run(
        """insert into channel (id, code, vendor, label_zh, label_en, mark, platform_code)
           values (1, 'taobao', %s, '淘宝', 'Taobao', '淘', 'TB')""",
        (VENDOR,),
    )
    run("insert into stock_pool (id, code, name) values (1, 'CN', '全国通用库存池')")
    run(
        """insert into account (id, family, vendor, name, state, paused_reason)
           values (1, 'warehouse', 'qimen', '仓储', 'paused', 'nothing is sent while the pipeline is measured')"""
    )
    for number in range(1, WAREHOUSES + 1):
        run(
            """insert into stock_point (id, code, name, account_id, warehouse_code, owner_code, handling_amount)
               values (%s, %s, %s, 1, %s, 'EXAMPLE', 100)""",
            (number, f"WH{number}", f"{number}号仓", f"WH{number}"),
        )
        run("insert into pool_member (pool_id, stock_point_id, rank) values (1, %s, %s)", (number, number))
    for number in range(1, shops + 1):
        account = SHOP_ACCOUNTS + number
        run(
            """insert into account (id, family, vendor, name, gateway, settings)
               values (%s, 'marketplace', %s, %s, %s, '{"app_key": "bench"}')""",
            (account, VENDOR, f"推送库{number}", f"{gateway}/shops/{number}"),
        )
        run(
            """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
               values (%s, %s, %s, 1, %s, 1, 0)""",
            (number, f"S{number}", f"旗舰店{number}", account),
        )
        run("insert into sync_schedule (shop_id, stream, every_s, is_enabled) values (%s, 'orders', 5, false)", (number,))


def _write_carriers(raw: Connection[Any]) -> None:
    """Each courier charges each warehouse its own price to near provinces and to the rest."""
    for rank, code in enumerate(CARRIERS, 1):
        raw.execute("insert into carrier (id, code, name, rank) values (%s, %s, %s, %s)", (rank, code, code, rank))
        raw.execute("insert into carrier_coverage values (%s, '65', %s)", (rank, rank % 2 == 0))
        for point in range(1, WAREHOUSES + 1):
            near = PROVINCES[point - 1 :: WAREHOUSES]
            for prefix in ("", *near):
                first = 400 + 40 * rank + (0 if prefix else 250)
                raw.execute(
                    """insert into carrier_tariff (carrier_id, stock_point_id, division_prefix, first_amount, step_amount)
                       values (%s, %s, %s, %s, 150)""",
                    (rank, point, prefix, first),
                )


def review_rules(count: int = RULES) -> dict[str, Any]:
    """Cash on delivery goes to finance; the other rules look at every order and let it pass."""
    finance = [{"action": "send_to_tier", "params": {"tier": "finance"}}]
    cod = _rule("cod", {"fact": "order.is_cod", "op": "eq", "value": True}, finance)
    rules = [cod, *(_rule(f"r{number}", _condition(number), finance) for number in range(1, count))]
    return {"format": 1, "stage": "review", "rules": rules}


def _rule(name: str, condition: dict[str, Any], actions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": name, "name": name, "when": {"all": [condition]}, "actions": actions}


def _condition(number: int) -> dict[str, Any]:
    choices = (
        {"fact": "order.paid", "op": "ge", "value": 100_000_000 + number},
        {"fact": "order.units", "op": "gt", "value": 100 + number},
        {"fact": "order.division", "op": "starts_with", "value": f"9{number % 10}"},
        {"fact": "shop.code", "op": "in", "value": [f"X{number}", f"Y{number}"]},
        {"fact": "order.holds", "op": "contains_any", "value": ["blacklist"]},
    )
    return choices[number % len(choices)]


def _write_rules(raw: Connection[Any], count: int) -> None:
    body = review_rules(count)
    read_rule_set(body, VOCABULARY)
    raw.execute("insert into rule_set (id, stage, name) values (1, 'review', 'bench')")
    raw.execute(
        "insert into rule_set_version (rule_set_id, body, state) values (1, %s::jsonb, 'active')",
        (orjson.dumps(body).decode(),),
    )


def _write_goods(raw: Connection[Any]) -> list[int]:
    """The SKUs of the catalogue that the mix sells, with their costs; answers their ids."""
    ids = []
    for number, item in enumerate(item for item in catalogue(1) if item["kind"] == "sku"):
        ids.append(SKUS + number)
        raw.execute(
            "insert into sku (id, code, name, barcode, weight_g, volume_cm3) values (%s, %s, %s, %s, %s, %s)",
            (ids[-1], item["code"], item["title"], item["barcode"], item["weight_g"], item["volume_cm3"]),
        )
        raw.execute("insert into cost_price values (%s, '2026-01-01', %s)", (ids[-1], item["cost_fen"]))
    return ids


def _write_stock(hub: Hub, connection: Any, skus: list[int]) -> None:
    """Every level with the movement that explains it, so that the ledger adds up from the start."""
    now = hub.clock()
    keys = [(point, sku) for point in range(1, WAREHOUSES + 1) for sku in skus]
    levels = [(point, sku, "good", STOCK) for point, sku in keys]
    copy_rows(connection, "stock_level", ("stock_point_id", "sku_id", "kind", "on_hand"), levels)
    month = date(now.year, now.month, 1)
    rows = [
        (month, point, sku, id_, "good", STOCK, 0, "initial", now)
        for (point, sku), id_ in zip(keys, hub.ids.take(connection, len(keys)), strict=True)
    ]
    copy_rows(connection, "stock_movement", MOVEMENT, rows)
