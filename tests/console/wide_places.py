"""The wide day's stores, parcels that went wrong, counts, labels, partners and money: rows that newer pages show."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text, update

from oms.app.kernel.queries.timeline import month_of
from oms.db.activity import EmergencyStop
from oms.db.aftersales import ReturnReceipt, ReturnReceiptLine
from oms.db.fulfilments import DeliveryNote, Parcel, Transfer
from oms.db.goods import Sku
from oms.db.labels import CarrierRefusal, LabelChange
from oms.db.logistics import Carrier
from oms.db.money import Remittance, RemittanceLine
from oms.db.settling import Partner
from oms.db.stock import StockPoint
from oms.db.stockroom import StockReport, StockReportLine
from tests.console.factories import World, a_fulfilment, a_parcel, add, an_event, an_order

STORE = "罗雅家居杭州湖滨银泰城体验店（一层）"
REASON = "营业部反馈该地址疫情封控，暂时停运，恢复时间等通知，可改自提或改派其他快递"


def wide_places(connection: Connection, world: World, user: int) -> dict[str, int]:
    """Add them; the user works at the store and at the warehouse. Answers some ids by name."""
    kept = {"address": "湖滨路 233 号", "phone": "0571-88886666", "delivers": True, "divisions": "{}"}
    store = add(connection, StockPoint, code="STORE-HZ-HB-001", name=STORE, kind="store")
    connection.execute(
        text("insert into store_profile (stock_point_id, address, phone, delivers, divisions) "
             "values (:id, :address, :phone, :delivers, :divisions)"), {"id": store} | kept)  # fmt: skip
    for point in (store, world.point):
        connection.execute(
            text("insert into user_point (user_id, stock_point_id) values (:u, :p)"), {"u": user, "p": point}
        )
    for status in ("open", "sent", "received"):
        add(connection, DeliveryNote, status=status, from_point_id=world.point, to_point_id=store, sent_at=world.now)
    add(connection, Transfer, status="sent", from_point_id=store, to_point_id=world.point, sent_at=world.now)
    _parcels_gone_wrong(connection, world)
    _counts(connection, world)
    _money(connection, world)
    add(connection, EmergencyStop, scope="stock_point", scope_id=store, reason=REASON, placed_by=f"user:{user}")
    return {"store": store, "left_out": _left_out(connection, world), "partner": _partner(connection)}


def _sent(connection: Connection, world: World, phase: str, state: str, **values: Any) -> tuple[int, int, int]:
    order = an_order(connection, world, phase, external_no=f"5829384756{world.count:09d}", **values)
    work = a_fulfilment(connection, world, [order], "shipped", shipped_at=world.now)
    parcel = a_parcel(connection, world, work, state)
    connection.execute(
        update(Parcel).where(Parcel.id == parcel).values(waybill_no=f"JDVB{parcel:018d}", handed_over_at=world.now)
    )
    return order, work, parcel


def _parcels_gone_wrong(connection: Connection, world: World) -> None:
    """Two that their carrier is silent about, one that comes back, one whose label has changed."""
    for kind, state in (("no_scan", "handed_over"), ("not_collected", "ready")):
        _, _, parcel = _sent(connection, world, "shipped", state)
        connection.execute(
            text("insert into parcel_look (parcel_id, account_id, due_at, looked_at, warning, warned_at) "
                 "values (:id, :account, :at, :at, :kind, :at)"),
            {"id": parcel, "account": world.account, "at": world.now, "kind": kind},
        )  # fmt: skip
    _, work, parcel = _sent(connection, world, "shipped", "returning")
    receipt = add(connection, ReturnReceipt, status="expected", fulfilment_id=work, stock_point_id=world.point,
                  carrier_code="JD", waybill_no=f"JDVB{parcel:018d}", expected_at=world.now)  # fmt: skip
    for sku in world.skus[:2]:
        add(connection, ReturnReceiptLine, return_receipt_id=receipt, sku_id=sku, requested=1200)
    order, work, _ = _sent(connection, world, "at_warehouse", "handed_over")
    add(connection, LabelChange, order_id=order, fulfilment_id=work, way="update", state="told", what=["phone"],
        asked_by="user:1", told_at=world.now)  # fmt: skip


def _counts(connection: Connection, world: World) -> None:
    connection.execute(update(Sku).where(Sku.id == world.skus[0]).values(code="LY-BED-6018-1800-2000-HAZEBLUE"))
    report = add(connection, StockReport, stock_point_id=world.point, source="count", number="PD-20261122-000187",
                 key="count:1", as_of=world.now, actor="user:1")  # fmt: skip
    for number, sku in enumerate(world.skus[:3]):
        add(connection, StockReportLine, report_id=report, stock_point_id=world.point, key=f"line {number}", sku_id=sku,
            sku_code="LY-BED-6018-1800-2000-HAZEBLUE", told=123456, expected=120000, difference=3456, explained=-1200,
            as_of=world.now - timedelta(days=1), state="waiting")  # fmt: skip


def _money(connection: Connection, world: World) -> None:
    paid = add(connection, Remittance, carrier_id=world.carrier, reference="ZTO-COD-20261120-0001873", total=1234567890,
               fees=123456, paid_on=date(2026, 11, 20))  # fmt: skip
    add(connection, RemittanceLine, remittance_id=paid, waybill_no="JDVB000000000000001873", amount=1234567890,
        result="differs", words="amount")  # fmt: skip
    _sent(connection, world, "completed", "delivered", is_cod=True)
    connection.execute(
        text("update parcel set collect_amount = 1234567890, delivered_at = now() where state = 'delivered'")
    )


def _left_out(connection: Connection, world: World) -> int:
    """An order that one carrier gave no number, and another does not go to."""
    order = an_order(connection, world, "to_dispatch")
    for code, name in (("SF", "顺丰速运华东营业部（次晨达）"), ("JD", "京东快递")):
        carrier = add(connection, Carrier, code=code, name=name)
        if code == "SF":
            an_event(connection, world, order, "carrier_left_out", detail={"carrier": carrier, "words": f"SF {REASON}"})
        else:
            connection.execute(insert(CarrierRefusal).values(order_id=order, carrier_id=carrier, reason="unreachable"))
    connection.execute(
        text("insert into decision (month, order_id, id, stage, verdict, at, choices) "
             "select :month, :order, nextval('id_seq'), 'route', 'sourced', :at, convert_to(:choices, 'UTF8')"),
        {"month": month_of(world.now), "order": order, "at": world.now,
         "choices": f'{{"ways": [[[{world.point}], 1200, "chosen", [700, 500]]], "plan": [1, 3]}}'},
    )  # fmt: skip
    return order


def _partner(connection: Connection) -> int:
    return add(
        connection, Partner, code="DISTRIBUTOR-0001", name="杭州东西贸易有限责任公司第三分公司", kind="distributor"
    )
