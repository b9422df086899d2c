"""A day on which everything is as wide as platforms make it: long numbers, large amounts, many words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, text, update

from oms.app.kernel.connectors import raise_alert
from oms.db.activity import EmergencyStop
from oms.db.aftersales import Case, CaseStep
from oms.db.capture import PushMessage
from oms.db.channels import Channel, Shop, StreamCursor
from oms.db.completeness import Backfill, CompletenessCheck, CompletenessRow, ImportBatch, Webhook, WebhookMessage
from oms.db.fulfilments import Parcel
from oms.db.goods import Listing
from oms.db.people import User
from tests.console.busy_day import a_busy_day
from tests.console.factories import World, a_fulfilment, a_hold, a_parcel, a_parked_record, add, an_order, an_outbound

SHOP = "罗雅家居生活馆海外官方旗舰店"
TITLE = "长绒棉四件套纯棉加厚磨毛保暖床上用品被套床单枕套双人 1.8m 雾霾蓝"
NUMBERS = ("3948573920184756321", "114-3941689-8772232", "6923847562938475612A", "240913-482930184756")
WORDS = "this app has no permission for order 3948573920184756321, ask the seller to renew it on the service market"


def a_wide_day(connection: Connection, world: World) -> dict[str, int]:
    """A busy day and, on top of it, the widest of each kind; answers some ids by name."""
    named = a_busy_day(connection, world)
    connection.execute(update(Shop).where(Shop.id == world.shops[0]).values(name=SHOP))
    connection.execute(update(Channel).values(label_en="Taobao and Tmall"))
    wide = {"paid_total": 1234567890, "lines": 3, "shop_id": world.shops[0], "is_cod": True, "has_memo": True}
    for no in NUMBERS:
        held = an_order(connection, world, "held", external_no=no, ordered_at=world.now, **wide)
        a_hold(connection, world, held, "refund_asked")
        a_hold(connection, world, held, "unmatched_sku")
    waiting = {"tiers_waiting": 15, "ship_by": world.now + timedelta(minutes=80)}
    an_order(connection, world, "review", external_no=f"R{NUMBERS[0]}", currency="USD", **wide, **waiting)
    named["wide"] = _shipped(connection, world, wide)
    named["case"] = _a_case(connection, world, named["wide"])
    connection.execute(
        text("update order_line set title = :title where order_id = :id"), {"title": TITLE, "id": named["wide"]}
    )
    _trouble(connection, world, named["wide"])
    named["check"] = _checks(connection, world)
    named["hook"] = _settings(connection, world)
    named["shop"], named["account"] = world.shops[0], world.account
    connection.execute(update(Shop).values(mode="live"))
    return named


def _shipped(connection: Connection, world: World, wide: dict[str, Any]) -> int:
    order = an_order(connection, world, "shipped", external_no="5829384756102938475", review="passed", **wide)
    parcel = a_parcel(connection, world, a_fulfilment(connection, world, [order], "shipped", shipped_at=world.now))
    connection.execute(update(Parcel).where(Parcel.id == parcel).values(waybill_no="SF1029384756102938475"))
    return order


def _a_case(connection: Connection, world: World, order: int) -> int:
    values = {
        "shop_id": world.shops[0], "external_no": "299384756102938475610", "order_id": order,
        "order_no": "5829384756102938475", "kind": "return", "asked_amount": 1234567890, "platform_state": "asked",
        "reason": "质量问题：收到时外包装破损，枕套有明显污渍，颜色和图片不一样", "opened_at": world.now,
        "platform_status": "WAIT_SELLER_CONFIRM_GOODS", "changed_at": world.now,
        "respond_by": world.now + timedelta(hours=5), "return_carrier": "SF", "return_waybill": "SF1029384756102938475",
    }  # fmt: skip
    case = add(connection, Case, **values)
    connection.execute(
        text("update order_line set case_no = :no where order_id = :id"), {"no": values["external_no"], "id": order}
    )
    evidence = {
        "allows": ["agree", "refuse", "goods_received", "refund"],
        "urls": ["https://a.example/1.jpg"],
        "lines": [],
    }
    for who, action, words in (("buyer", "asked", "有点小，" * 30), ("platform", "agree_refused", WORDS)):
        step = {"actor_kind": who, "action": action, "words": words, "at": world.now}
        connection.execute(insert(CaseStep).values(case_id=case, evidence=evidence, **step))
    return case


def _trouble(connection: Connection, world: World, order: int) -> None:
    an_outbound(connection, world, order, kind="push_shipment", words=WORDS, code="isv.w2-security-authorize-invalid")
    an_outbound(connection, world, None, kind="change_shipment", key=f"S{NUMBERS[0]}", words="too many calls")
    field = "line_items[3].discount_allocations[0].amount_set.shop_money.amount"
    a_parked_record(connection, world, external_no=NUMBERS[1], field=field, reason="this is not an amount")
    add(connection, PushMessage, account_id=world.account, topic="taobao_trade_TradeMemoModified", key="k",
        number=NUMBERS[0], data_key_id=1, sealed=b"", state="failed", error=WORDS, received_at=world.now)  # fmt: skip
    error = {
        "failures": 4,
        "last_error": "authorise the shop again: " + WORDS,
        "cursor": "2026-11-21T10:42:00Z/" + NUMBERS[0],
    }
    connection.execute(update(StreamCursor).where(StreamCursor.shop_id == world.shops[0]).values(error))
    raise_alert(connection, "pushes_refused", str(world.account), f"orders: {WORDS}")
    over = {"placed_by": "user:1", "placed_at": world.now, "released": 12345, "ended_at": world.now}
    add(connection, EmergencyStop, scope="shop", scope_id=world.shops[0], reason="仓库盘点，盘完再发" * 3, **over)


def _checks(connection: Connection, world: World) -> int:
    window = {"shop_id": world.shops[0], "since_at": world.now - timedelta(days=40), "until_at": world.now}
    counts = {"listed": 1234567, "matched": 1230000, "missing": 4567, "extra": 12, "differing": 345, "pulled_again": 4912}
    add(connection, CompletenessCheck, state="failed", error=WORDS, **window)
    add(connection, Backfill, state="running", documents=123456, estimate=1234567, error=WORDS, **window)
    add(connection, Backfill, state="failed", error="too many calls", **window)
    check = add(connection, CompletenessCheck, state="done", method="list+bill", **window, **counts)
    seen = {
        "state": "WAIT_SELLER_SEND_GOODS",
        "paid_total": 1234567890,
        "our_state": "paid",
        "our_paid_total": 1234567891,
    }
    row = {"check_id": check, "external_no": NUMBERS[0], "kind": "differing", "seen": seen}
    connection.execute(insert(CompletenessRow).values(**row))
    return check


def _settings(connection: Connection, world: World) -> int:
    add(connection, User, email="a.rather.long.address@warehouse.example.com", display_name="阿柚（华东主仓早班）",
        fs_uniquifier="you")  # fmt: skip
    for seller_code, sku in (("LY-KET-15", None), ("LY-BED-6018-1.8M-BLUE-2026", world.skus[0])):
        named = {"listing_no": f"67{NUMBERS[0]}", "variant_no": seller_code, "title": TITLE, "variant": "雾霾蓝"}
        codes = {"seller_code": seller_code, "sku_id": sku, "barcode": "6901234567892"}
        add(connection, Listing, shop_id=world.shops[0], **named, **codes)
    url = "https://hooks.partner.example.com/order-hub/v1/" + "a" * 40
    hook = add(connection, Webhook, shop_id=world.shops[0], url=url, topics=["order.changed", "shipment.created"],
               sealed_secret=b"", secret_key_id="test", state="paused",
               paused_reason="the address answered 410: it is gone")  # fmt: skip
    add(connection, ImportBatch, kind="orders", shop_id=world.shops[0], file_name="双十一主会场补单第三批最终版.xlsx",
        content_hash=b"1" * 16, rows=123456, taken=120000, repeated=3000, failed=456)  # fmt: skip
    add(connection, WebhookMessage, webhook_id=hook, key="k", topic="order.changed", body={"order_no": NUMBERS[0]},
        state="dead", attempts=12, answer="no answer came back")  # fmt: skip
    return hook
