"""Rows for the console's tests and pictures: a small world with orders in every phase."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, insert, text

from oms.db.activity import Event, Outbound, OutboundAttempt
from oms.db.capture import DataKey, ParkedRecord
from oms.db.channels import Account, Channel, Shop, StreamCursor, SyncSchedule
from oms.db.fulfilments import Fulfilment, FulfilmentLine, Interception, Parcel, ParcelEvent
from oms.db.goods import Sku
from oms.db.logistics import Carrier
from oms.db.orders import Demand, Hold, Order, OrderLine, Payment
from oms.db.parties import Customer, Receiver
from oms.db.sealed import KeyRing
from oms.db.stock import StockPoint
from oms.domain.holds import KINDS

NOW = datetime(2026, 11, 21, 10, 42, tzinfo=UTC)


def a_key_ring() -> KeyRing:
    """Keys that only this run knows."""
    return KeyRing("test", {"test": os.urandom(32)})


def new_id(connection: Connection) -> int:
    """A document id."""
    return int(connection.execute(text("select nextval('id_seq')")).scalar_one())


def add(connection: Connection, table: Any, **values: Any) -> int:
    """One row with an id; answers the id."""
    id_ = values.pop("id", None) or new_id(connection)
    connection.execute(insert(table).values(id=id_, **values))
    return int(id_)


@dataclass
class World:
    """Shops, goods and places that orders refer to."""

    keys: KeyRing
    now: datetime = NOW
    channel: int = 0
    shops: list[int] = field(default_factory=list)
    skus: list[int] = field(default_factory=list)
    point: int = 0
    carrier: int = 0
    account: int = 0
    warehouse_account: int = 0
    count: int = 0


GOODS = (
    ("LY-BED-6018", "长绒棉四件套", "1.8m 雾蓝"),
    ("LY-KET-15", "电热水壶", "1.5L 米白"),
    ("LY-PIL-02", "乳胶枕", "护颈款"),
    ("LY-SILK-22", "蚕丝被", "2.2×2.4m"),
    ("LY-TOWEL-4", "四季毛巾", "礼盒"),
)


def a_world(connection: Connection, keys: KeyRing, now: datetime = NOW) -> World:
    """One channel, two shops with schedules, five SKUs, a warehouse and a courier."""
    world = World(keys, now)
    world.channel = add(
        connection, Channel, code="taobao", vendor="taobao", label_zh="淘宝天猫", label_en="Taobao", mark="天"
    )
    world.account = add(connection, Account, family="marketplace", vendor="taobao", name="天猫账号")
    world.warehouse_account = add(connection, Account, family="warehouse", vendor="qimen", name="华东主仓接口")
    for code, name in (("tm1", "罗雅天猫旗舰店"), ("tm2", "罗雅家居专营店")):
        world.shops.append(_a_shop(connection, world, code, name))
    for code, name, variant in GOODS:
        world.skus.append(add(connection, Sku, code=code, name=f"{name} {variant}"))
    world.point = add(connection, StockPoint, code="east", name="华东主仓", account_id=world.warehouse_account)
    world.carrier = add(connection, Carrier, code="ZTO", name="中通")
    return world


def _a_shop(connection: Connection, world: World, code: str, name: str) -> int:
    shop = add(connection, Shop, code=code, name=name, channel_id=world.channel, account_id=world.account)
    for stream, seconds in (("orders", 60), ("cases", 300)):
        add(connection, SyncSchedule, shop_id=shop, stream=stream, every_s=seconds)
        connection.execute(
            insert(StreamCursor).values(
                shop_id=shop,
                stream=stream,
                cursor=f"{world.now:%Y%m%d%H%M}",
                last_success_at=world.now - timedelta(seconds=seconds // 10),
                documents=1204,
            )
        )
    return shop


def an_order(connection: Connection, world: World, phase: str = "captured", **changes: Any) -> int:
    """An order with one or more lines, a receiver and a payment."""
    world.count += 1
    id_ = changes.pop("id", None) or new_id(connection)
    lines = changes.pop("lines", 1)
    title_index = world.count % len(GOODS)
    paid = changes.pop("paid_total", 19900 + 137 * world.count)
    ordered = changes.pop("ordered_at", world.now - timedelta(minutes=7 * world.count))
    values: dict[str, Any] = {
        "shop_id": world.shops[world.count % len(world.shops)],
        "external_no": f"2611210{world.count:09d}",
        "status": "unpaid" if phase == "unpaid" else "open",
        "review": "waiting" if phase == "review" else "none",
        "phase": phase,
        "platform_state": "paid",
        "paid_total": paid,
        "ordered_at": ordered,
        "paid_at": None if phase == "unpaid" else ordered + timedelta(minutes=1),
        "ship_by": ordered + timedelta(hours=24),
        "captured_at": ordered + timedelta(minutes=2),
        "changed_at": ordered,
        "fetched_at": ordered,
        "content_hash": b"0" * 16,
        "tiers_waiting": 1 if phase == "review" else 0,
    }
    connection.execute(insert(Order).values(id=id_, **(values | changes)))
    share = paid // lines
    for number in range(1, lines + 1):
        code, name, variant = GOODS[(title_index + number) % len(GOODS)]
        amount = share if number < lines else paid - share * (lines - 1)
        add(
            connection,
            OrderLine,
            order_id=id_,
            line_no=number,
            external_no=f"{world.count}-{number}",
            title=name,
            variant=variant,
            seller_code=code,
            sku_id=world.skus[(title_index + number) % len(GOODS)],
            ordered=number,
            list_amount=amount + 500,
            discount_merchant=500,
            paid_amount=amount,
            platform_state="paid",
        )
    add(connection, Payment, order_id=id_, kind="online", state="paid", amount=paid, paid_at=ordered)
    a_receiver(connection, world, id_)
    an_event(connection, world, id_, "captured", at=ordered + timedelta(minutes=2))
    return id_


def a_receiver(connection: Connection, world: World, order_id: int, **changes: Any) -> None:
    """A sealed receiver of an order."""
    plain = {
        "name": "林小满",
        "phone": "13812342207",
        "telephone": "",
        "town": "文新街道",
        "address": "桂花里 8 幢 302",
        "postcode": "",
        "tokens": {},
        "message": "请放前台，到了打 13812342207",
        "memo": "",
    } | changes
    key, wrapped = world.keys.new_data_key(order_id)
    connection.execute(insert(DataKey).values(id=order_id, master_key_id=world.keys.current, wrapped=wrapped))
    connection.execute(
        insert(Receiver).values(
            order_id=order_id, sealed=key.seal(orjson.dumps(plain)), state="浙江省", city="杭州市", district="西湖区"
        )
    )


def an_event(connection: Connection, world: World, order_id: int, kind: str, **changes: Any) -> None:
    """An event on an order's timeline, in the month of its capture."""
    captured = connection.execute(text("select captured_at from orders where id = :id"), {"id": order_id}).scalar_one()
    values = {"actor": "system", "at": world.now, "detail": None} | changes
    month = date(captured.year, captured.month, 1)
    connection.execute(insert(Event).values(month=month, order_id=order_id, id=new_id(connection), kind=kind, **values))


def a_hold(connection: Connection, world: World, order_id: int, kind: str, **changes: Any) -> int:
    """An open hold."""
    spec = KINDS[kind]
    values = {"blocks": int(spec.blocks), "clears": spec.clears, "placed_at": world.now - timedelta(minutes=38)}
    an_event(connection, world, order_id, "hold_placed", detail={"kind": kind})
    return add(connection, Hold, order_id=order_id, kind=kind, **(values | changes))


def a_fulfilment(
    connection: Connection, world: World, order_ids: list[int], status: str = "planned", **changes: Any
) -> int:
    """A fulfilment of every line of some orders."""
    shop = connection.execute(text("select shop_id from orders where id = :id"), {"id": order_ids[0]}).scalar_one()
    id_ = add(
        connection,
        Fulfilment,
        status=status,
        lead_order_id=order_ids[0],
        shop_id=shop,
        stock_point_id=world.point,
        carrier_id=world.carrier,
        order_count=len(order_ids),
        **changes,
    )
    left = status == "shipped"
    for order_id in order_ids:
        if left:
            connection.execute(text("update order_line set shipped = ordered where order_id = :id"), {"id": order_id})
        lines = connection.execute(
            text("select id, sku_id, ordered, paid_amount from order_line where order_id = :id"), {"id": order_id}
        ).all()
        for line in lines:
            demand = add(
                connection,
                Demand,
                order_id=order_id,
                order_line_id=line.id,
                sku_id=line.sku_id,
                units=line.ordered,
                planned=0 if left else line.ordered,
                shipped=line.ordered if left else 0,
                share_amount=line.paid_amount,
            )
            add(
                connection,
                FulfilmentLine,
                fulfilment_id=id_,
                demand_id=demand,
                order_id=order_id,
                order_line_id=line.id,
                sku_id=line.sku_id,
                planned=line.ordered,
                shipped=line.ordered if left else 0,
            )
        an_event(connection, world, order_id, "dispatch", fulfilment_id=id_)
    return id_


def a_parcel(connection: Connection, world: World, fulfilment_id: int, state: str = "on_the_way") -> int:
    """A parcel with two scans."""
    id_ = new_id(connection)
    handed_over = world.now - timedelta(hours=20)
    add(
        connection,
        Parcel,
        id=id_,
        fulfilment_id=fulfilment_id,
        carrier_id=world.carrier,
        waybill_no=f"7844{id_:010d}",
        state=state,
        weight_g=2400,
        handed_over_at=handed_over,
    )
    for hours, place, scanned in ((20, "杭州", "handed_over"), (9, "嘉兴转运", "on_the_way"), (1, "上海", state)):
        at = world.now - timedelta(hours=hours)
        connection.execute(
            insert(ParcelEvent).values(
                month=date(at.year, at.month, 1),
                parcel_id=id_,
                id=new_id(connection),
                at=at,
                state=scanned,
                words=f"{place} 已扫描",
                place=place,
            )
        )
    return id_


def an_outbound(connection: Connection, world: World, order_id: int | None, state: str = "stuck", **changes: Any) -> int:
    """An outbound row with the evidence of one call when it did not simply succeed."""
    id_ = new_id(connection)
    values = {
        "kind": "create_fulfilment",
        "account_id": world.warehouse_account,
        "key": f"F{id_}",
        "shop_id": world.shops[0],
        "created_at": world.now - timedelta(minutes=66),
        "attempts": 5,
        "code": "B0001" if state != "done" else "",
        "words": "货品未备案" if state != "done" else "",
    }
    add(connection, Outbound, id=id_, state=state, order_id=order_id, **(values | changes))
    if state != "done":
        add(
            connection,
            OutboundAttempt,
            outbound_id=id_,
            outcome="refused",
            code="B0001",
            words="货品未备案",
            milliseconds=812,
            at=world.now - timedelta(minutes=5),
        )
    return id_


def a_parked_record(connection: Connection, world: World, **changes: Any) -> int:
    """A record that could not be understood."""
    id_ = new_id(connection)
    values = {
        "shop_id": world.shops[0],
        "kind": "order",
        "external_no": f"9{id_}",
        "data_key_id": 1,
        "sealed": b"sealed",
        "content_hash": b"0" * 16,
        "fetched_at": world.now,
        "field": "status",
        "reason": "状态码 SPLIT_WAIT 不认识",
        "attempts": 3,
        "first_at": world.now - timedelta(minutes=42),
        "last_at": world.now - timedelta(minutes=2),
    }
    return add(connection, ParkedRecord, id=id_, **(values | changes))


def an_interception(connection: Connection, world: World, order_id: int, fulfilment_id: int, state: str) -> int:
    """An interception that is not settled."""
    return add(
        connection,
        Interception,
        fulfilment_id=fulfilment_id,
        order_id=order_id,
        reason="refund_asked",
        state=state,
        asked_at=world.now - timedelta(minutes=24),
        words="已出库" if state == "failed" else "",
    )


def a_customer(connection: Connection, world: World, external_id: str) -> int:
    """A buyer."""
    return add(connection, Customer, channel_id=world.channel, external_id=external_id, nick="林**")
