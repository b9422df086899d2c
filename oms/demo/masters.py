"""Writes the demo's channel, accounts, shop, buildings, couriers and schedules; a second run finds them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from oms.app.kernel.connectors import seal_secrets
from oms.app.kernel.hub import Hub
from oms.db.base import Base
from oms.db.channels import Account, Channel, Shop, SyncSchedule
from oms.db.logistics import Carrier, CarrierCoverage, CarrierTariff
from oms.db.stock import PoolMember, StockPoint, StockPool
from oms.demo.markets import MarketShop, account_values, markets_in
from oms.demo.places import BUILDINGS, COURIERS, SENDERS, STEP_FEN, STEP_GRAMS, Building, Courier

Sandbox = Mapping[str, Mapping[str, Any]]
OWNER = "EXAMPLE"
PUSH_SALT = "demo-push-salt"
STREAMS = {"orders": 2, "cases": 2}


def put(connection: Connection, table: type[Base], key: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Insert the row of this key, or bring the existing one to these values; answers its first primary key."""
    row = insert(table).values(**key, **values)
    first = table.__table__.primary_key.columns.values()[0]  # type: ignore[attr-defined]
    changed = dict(values) or dict(key)
    written = connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=changed).returning(first))
    return int(written.scalar_one())


def write_masters(hub: Hub, connection: Connection, sandbox: Sandbox, *, merge_window_s: int) -> int:
    """Everything but goods and people; answers the flagship's id. Addresses and credentials follow the sandbox."""
    tracker = _tracker(hub, connection, sandbox["kuaidi100"])
    warehouse = _warehouse(hub, connection, sandbox["qimen"])
    pool_id = _buildings(connection, warehouse)
    _couriers(connection, tracker)
    for market in markets_in(sandbox):
        _market(hub, connection, market, sandbox[market.vendor], pool_id, merge_window_s)
    return _shop(hub, connection, sandbox["taobao"], pool_id, merge_window_s)


def _account(
    hub: Hub,
    connection: Connection,
    family: str,
    name: str,
    *,
    vendor: str,
    gateway: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
) -> int:
    values = {"family": family, "vendor": vendor, "gateway": gateway, "settings": dict(settings), "state": "active"}
    account_id = put(connection, Account, {"name": name}, values)
    seal_secrets(hub, connection, account_id, dict(secrets))
    return account_id


def _tracker(hub: Hub, connection: Connection, twin: Mapping[str, Any]) -> int:
    return _account(
        hub, connection, "carrier", "快递100", vendor="kuaidi100", gateway=twin["url"],
        settings={"customer": twin["customer"]}, secrets={"key": twin["key"], "salt": PUSH_SALT},
    )  # fmt: skip


def _warehouse(hub: Hub, connection: Connection, twin: Mapping[str, Any]) -> int:
    settings = {
        "app_key": twin["app_key"],
        "customer_id": twin["warehouses"][0]["customer_id"],
        "owner_code": OWNER,
        "warehouse_code": twin["warehouses"][0]["code"],
        **SENDERS,
    }
    return _account(
        hub, connection, "warehouse", "奇门仓储", vendor="qimen", gateway=twin["endpoint"], settings=settings,
        secrets={"secret": twin["secret"]},
    )  # fmt: skip


def _buildings(connection: Connection, account_id: int) -> int:
    pool_id = put(connection, StockPool, {"code": "CN"}, {"name": "全国通用库存池"})
    for building in BUILDINGS:
        values = {
            "name": building.name,
            "account_id": account_id,
            "warehouse_code": building.code,
            "owner_code": OWNER,
            "division_code": building.division,
            "handling_amount": 100,
        }
        point_id = put(connection, StockPoint, {"code": building.code}, values)
        put(connection, PoolMember, {"pool_id": pool_id, "stock_point_id": point_id}, {"rank": building.rank})
    return pool_id


def _couriers(connection: Connection, tracker: int) -> None:
    points = {building: _point_id(connection, building.code) for building in BUILDINGS}
    for rank, courier in enumerate(COURIERS):
        values = {
            "name": courier.name,
            "rank": rank,
            "allows_cod": courier.allows_cod,
            "tracking_account_id": tracker if courier.is_tracked else None,
        }
        carrier_id = put(connection, Carrier, {"code": courier.code}, values)
        for prefix in courier.skips:
            key = {"carrier_id": carrier_id, "division_prefix": prefix}
            put(connection, CarrierCoverage, key, {"is_deliverable": False})
        for building, point_id in points.items():
            _tariffs(connection, carrier_id, point_id, building, courier)


def _tariffs(connection: Connection, carrier_id: int, point_id: int, building: Building, courier: Courier) -> None:
    for prefix in ("", *building.near):
        key = {"carrier_id": carrier_id, "stock_point_id": point_id, "division_prefix": prefix}
        first = courier.near if prefix else courier.far
        prices = {"first_g": STEP_GRAMS, "first_amount": first, "step_g": STEP_GRAMS, "step_amount": STEP_FEN}
        put(connection, CarrierTariff, key, prices)


def _point_id(connection: Connection, code: str) -> int:
    return int(connection.execute(StockPoint.__table__.select().where(StockPoint.code == code)).one().id)


def _market(
    hub: Hub, connection: Connection, market: MarketShop, twin: Mapping[str, Any], pool_id: int, merge_window_s: int
) -> None:
    """One further shop with its channel, account and schedules."""
    manifest = hub.vendors[market.vendor].manifest
    words = {"label_zh": manifest.label_zh, "label_en": manifest.label_en, "mark": manifest.mark}
    channel = {"vendor": market.vendor, "platform_code": manifest.platform_code, **words}
    channel_id = put(connection, Channel, {"code": market.vendor}, channel)
    gateway, settings, secrets = account_values(manifest, twin)
    account_id = _account(
        hub, connection, "marketplace", market.name, vendor=market.vendor, gateway=gateway, settings=settings,
        secrets=secrets,
    )  # fmt: skip
    values = {
        "name": market.name,
        "channel_id": channel_id,
        "account_id": account_id,
        "stock_pool_id": pool_id,
        "merge_window_s": merge_window_s,
        "currency": market.currency,
    }
    shop_id = put(connection, Shop, {"code": market.code}, values)
    able = hub.vendors[market.vendor].capabilities()
    streams = {"orders": "pull_orders", "cases": "pull_cases"}
    for stream, method in streams.items():
        if method in able:
            schedule = {"every_s": STREAMS[stream], "is_enabled": True}
            put(connection, SyncSchedule, {"shop_id": shop_id, "stream": stream}, schedule)


def _shop(hub: Hub, connection: Connection, twin: Mapping[str, Any], pool_id: int, merge_window_s: int) -> int:
    words = {"label_zh": "淘宝/天猫", "label_en": "Taobao/Tmall", "mark": "淘"}
    channel_id = put(connection, Channel, {"code": "taobao"}, {"vendor": "taobao", "platform_code": "TB", **words})
    account_id = _account(
        hub, connection, "marketplace", "淘宝 · 示例旗舰店", vendor="taobao", gateway=twin["gateway"],
        settings={"app_key": twin["app_key"]},
        secrets={"app_secret": twin["app_secret"], "session": twin["session"]},
    )  # fmt: skip
    values = {
        "name": twin["seller_nick"],
        "channel_id": channel_id,
        "account_id": account_id,
        "stock_pool_id": pool_id,
        "merge_window_s": merge_window_s,
    }
    shop_id = put(connection, Shop, {"code": "TM-FLAGSHIP"}, values)
    for stream, every_s in STREAMS.items():
        put(connection, SyncSchedule, {"shop_id": shop_id, "stream": stream}, {"every_s": every_s, "is_enabled": True})
    return shop_id
