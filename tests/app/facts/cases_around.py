"""The same for what is around the order: receiver, cases, buyer, shop, time and plan."""

from __future__ import annotations

from typing import Any

from tests.app.facts.cases_order import PLAIN, Flip
from tests.app.facts.telling import told
from tests.factories import RECEIVER, a_line

SOUTH = {
    "name": "李",
    "phone": "13800000002",
    "state": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "address": "1 号",
}
CASE = """insert into cases
(shop_id, external_no, order_id, kind, asked_amount, opened_at, changed_at, outcome, closed_at)
select shop_id, 'K' || :id, :id, 'refund', 500, cast(:now as timestamptz) - interval '{age}', :now, '{outcome}', {closed}
from orders where id = :id"""
OPEN_CASE = CASE.format(age="1 day", outcome="open", closed="null")
CLOSED_CASE = CASE.format(age="1 day", outcome="succeeded", closed=":now")
OLD_CASE = CASE.format(age="60 days", outcome="succeeded", closed=":now")


def living(**parts: Any) -> Any:
    """An order to the usual receiver with other parts."""
    return told(receiver={**RECEIVER, **parts})


def coded(code: str) -> Any:
    """An order to a division."""
    return told(then=f"update orders set division_code = '{code}' where id = :id")


RECEIVERS: dict[str, Flip] = {
    "order.division": ("starts_with", "44", told(receiver=SOUTH), PLAIN),
    "receiver.province": ("eq", "440000", told(receiver=SOUTH), PLAIN),
    "receiver.city": ("eq", "330100", coded("330106"), coded("330000")),
    "receiver.district": ("in", ["330106"], coded("330106"), coded("330100")),
    "receiver.country": ("eq", "US", living(country="US"), PLAIN),
    "receiver.is_abroad": ("eq", True, living(country="US"), living(country=" cn ")),
    "receiver.province_name": ("eq", "广东省", told(receiver=SOUTH), PLAIN),
    "receiver.city_name": ("eq", "深圳市", told(receiver=SOUTH), PLAIN),
    "receiver.district_name": ("eq", "南山区", told(receiver=SOUTH), PLAIN),
    "receiver.is_masked": ("eq", True, living(masked=True, name="周*"), PLAIN),
    "receiver.missing": ("contains_any", ["phone"], living(phone=""), PLAIN),
    "receiver.reached_by": ("contains_any", ["SF"], PLAIN, told(receiver=SOUTH)),
    "receiver.is_blacklisted": ("eq", True, living(phone="13999999999"), PLAIN),
    "receiver.name": ("eq", "王小明", living(name="王小明"), PLAIN),
    "receiver.phone": ("starts_with", "+86170", living(phone="+8617000000000"), PLAIN),
    "receiver.town": ("eq", "古荡街道", living(town="古荡街道"), PLAIN),
    "receiver.street": ("contains_any", ["自提柜"], living(address="2 号自提柜"), PLAIN),
    "receiver.postcode": ("starts_with", "310", living(postcode="310012"), PLAIN),
}

PAPERS: dict[str, Flip] = {
    "order.cases": ("ge", 1, told(then=CLOSED_CASE), PLAIN),
    "order.open_cases": ("ge", 1, told(then=OPEN_CASE), told(then=CLOSED_CASE)),
    "order.case_kinds": ("contains_any", ["refund"], told(then=OPEN_CASE), told(then=CLOSED_CASE)),
    "order.case_amount": ("ge", 500, told(then=OPEN_CASE), PLAIN),
}

OLD: dict[str, Any] = {"created_at": "2026-09-20T00:00:00+00:00"}
BUYERS: dict[str, Flip] = {
    "buyer.is_known": ("eq", False, told(buyer={"external_id": ""}), PLAIN),
    "buyer.level": ("eq", "vip", told(then="""update customer set member_level = 'vip'
        where id = (select customer_id from orders where id = :id)"""), PLAIN),
    "buyer.is_blacklisted": ("eq", True, told(buyer={"external_id": "b-bad"}), PLAIN),
    "buyer.orders_30d": ("ge", 1, told(sisters=[{}]), told(sisters=[OLD])),
    "buyer.orders_90d": ("ge", 1, told(sisters=[OLD]), told(sisters=[{"created_at": "2026-01-01T00:00:00+00:00"}])),
    "buyer.refunds_30d": ("ge", 1, told(sisters=[{}], of_sisters=CLOSED_CASE), told(sisters=[OLD], of_sisters=OLD_CASE)),
    "buyer.refunds_90d": ("ge", 1, told(sisters=[OLD], of_sisters=OLD_CASE), told(sisters=[{}])),
    "buyer.paid_total": ("ge", 2000, told(sisters=[{}, OLD]), told(sisters=[{}, {"currency": "USD"}])),
    "buyer.is_first_order": ("eq", True, PLAIN, told(sisters=[OLD])),
    "buyer.last_order_at": ("older_than", 86400 * 30, told(sisters=[OLD]), told(sisters=[{}])),
    "buyer.open_orders": ("ge", 1, told(sisters=[{}]), told(sisters=[{"state": "cancelled"}])),
    "buyer.unpaid_orders": ("ge", 1, told(sisters=[{"state": "unpaid"}]), told(sisters=[{}])),
}  # fmt: skip

SHOPS: dict[str, Flip] = {
    "shop.code": ("eq", "s2", told(shop=2), PLAIN),
    "shop.name": ("eq", "second", told(shop=2), PLAIN),
    "shop.platform": ("eq", "PX", told(shop=2), PLAIN),
    "shop.channel": ("eq", "plainer", told(shop=2), PLAIN),
    "shop.vendor": ("eq", "plainer", told(shop=2), PLAIN),
    "shop.group": ("eq", "north", told(shop=2), PLAIN),
    "shop.user_group": ("eq", "team", told(shop=2), PLAIN),
    "shop.pool": ("eq", "second", told(shop=2), PLAIN),
    "shop.owner": ("eq", "agent", told(shop=2), PLAIN),
    "shop.mode": ("eq", "observing", told(shop=2), PLAIN),
    "shop.currency": ("eq", "USD", told(shop=2), PLAIN),
    "shop.live_since": ("is_not_empty", None, told(shop=2), PLAIN),
    "shop.orders_1h": ("ge", 1, told(shop=3, sisters=[{}]), told(shop=4, sisters=[OLD])),
    "shop.cases_7d": ("ge", 1, told(shop=5, then=CLOSED_CASE), told(shop=6, then=OLD_CASE)),
}

LATE: dict[str, Any] = {
    "created_at": "2026-11-16T15:30:00+00:00",
    "paid_at": "2026-11-16T15:31:00+00:00",
}  # Monday, 23:30 in Shanghai
TIME: dict[str, Flip] = {
    "order.ordered_at": ("lt", "2026-11-17T00:00:00Z", told(**LATE), PLAIN),
    "order.paid_at": ("older_than", 86400, told(**LATE), PLAIN),
    "order.captured_at": (
        "lt",
        "2026-11-17T00:00:00Z",
        told(then="update orders set captured_at = '2026-11-16' where id = :id"),
        PLAIN,
    ),
    "order.ship_by": ("ge", "2027-01-01T00:00:00Z", told(ship_by="2027-01-01T00:00:00+00:00"), PLAIN),
    "order.collect_by": ("is_not_empty", None, told(collect_by="2026-11-23T00:00:00+00:00"), PLAIN),
    "order.age": ("ge", 86400, told(**LATE), PLAIN),
    "order.paid_for": ("ge", 86400, told(**LATE), PLAIN),
    "order.time_left": ("le", 3600, told(ship_by="2026-11-21T02:30:00+00:00"), PLAIN),
    "order.is_late": ("eq", True, told(ship_by="2026-11-21T01:00:00+00:00"), PLAIN),
    "order.capture_delay": ("ge", 86400, told(**LATE), PLAIN),
    "order.weekday": ("eq", "1", told(**LATE), PLAIN),
    "order.hour": ("ge", 22, told(**LATE), PLAIN),
    "time.weekday": ("eq", "5", told(shop=2), PLAIN),
    "time.hour": ("ge", 20, told(shop=2), PLAIN),
}

PLAN: dict[str, Flip] = {
    "order.parcels": ("ge", 2, told([a_line("1", "TWO", 3)]), PLAIN),
    "plan.points": ("contains_any", ["WH2"], told([a_line("1", "WEST")]), PLAIN),
    "plan.point_kinds": ("contains_any", ["store"], told([a_line("1", "STORE")]), PLAIN),
    "plan.is_from_main": ("eq", False, told([a_line("1", "WEST")]), PLAIN),
    "plan.carriers": ("contains_any", ["YTO"], told(receiver=SOUTH), PLAIN),
    "plan.stock_left": ("lt", 5, told([a_line("1", "FEW")]), PLAIN),
    "plan.short_units": ("ge", 1, told([a_line("1", "NONE1")]), PLAIN),
    "plan.failure": ("eq", "short_of_stock", told([a_line("1", "NONE2")]), PLAIN),
    "plan.attempts": ("ge", 1, told([a_line("1", "NONE3")]), PLAIN),
}
