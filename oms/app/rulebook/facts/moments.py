"""Facts of time: when the order came and was paid, how long ago, how long is left, what day it is at the shop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import Facts, Stands
from oms.app.rulebook.facts.order import COLUMNS
from oms.app.rulebook.facts.shop import SHOP
from rules.model import ValueType as V

WEEKDAYS: Final = (
    ("1", "周一", "Monday"), ("2", "周二", "Tuesday"), ("3", "周三", "Wednesday"), ("4", "周四", "Thursday"),
    ("5", "周五", "Friday"), ("6", "周六", "Saturday"), ("7", "周日", "Sunday"),
)  # fmt: skip
_SECOND: Final = timedelta(seconds=1)


def _seconds(later: datetime | None, earlier: datetime | None) -> int | None:
    """Whole seconds between two moments, rounded down, never below nothing; missing when one is."""
    return None if later is None or earlier is None else max(0, (later - earlier) // _SECOND)


def _seconds_sql(later: str, earlier: str) -> str:
    """Null when one is; `greatest` alone would leave it out."""
    gap = f"cast(floor(extract(epoch from {later} - {earlier})) as bigint)"
    return f"case when {gap} is not null then greatest({gap}, 0) end"


def _local(batch: Batch, order: OrderWork, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(SHOP.of(batch, order).timezone))


def _is_late(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
    return None if order.ship_by is None else batch.now > order.ship_by


def _hour(batch: Batch, order: OrderWork, moment: datetime) -> int:
    return _local(batch, order, moment).hour


def _weekday(batch: Batch, order: OrderWork, moment: datetime) -> str:
    return str(_local(batch, order, moment).isoweekday())


def _local_sql(part: str, moment: str) -> str:
    return f"cast(extract({part} from {moment} at time zone s.timezone) as int)"


_fact = Facts("order")
_since = Facts("order", stands=Stands.AS_OF)
_time = Facts("time", stands=Stands.AS_OF)

FACTS: Final = (
    _fact("ordered_at", V.DATETIME, "下单时间", "ordered at", "o.ordered_at", lambda o, s, b: o.ordered_at),
    _fact("paid_at", V.DATETIME, "付款时间", "paid at", "o.paid_at", lambda o, s, b: o.paid_at),
    _fact("captured_at", V.DATETIME, "抓单时间", "taken in at", "o.captured_at", lambda o, s, b: o.captured_at),
    _fact("ship_by", V.DATETIME, "最晚发货时间", "deadline to ship", "o.ship_by", lambda o, s, b: o.ship_by),
    _fact("collect_by", V.DATETIME, "最晚揽收时间", "deadline to be collected", "o.collect_by",
          lambda o, s, b: COLUMNS.of(b, o)[3]),
    _since("age", V.DURATION, "下单已过", "time since it was ordered", _seconds_sql("m.at", "o.ordered_at"),
           lambda o, s, b: _seconds(b.now, o.ordered_at)),
    _since("paid_for", V.DURATION, "付款已过", "time since it was paid", _seconds_sql("m.at", "o.paid_at"),
           lambda o, s, b: _seconds(b.now, o.paid_at)),
    _since("time_left", V.DURATION, "距最晚发货", "time left to ship", _seconds_sql("o.ship_by", "m.at"),
           lambda o, s, b: _seconds(o.ship_by, b.now)),
    _since("is_late", V.BOOL, "已超发货时限", "late", "m.at > o.ship_by", _is_late),
    _fact("capture_delay", V.DURATION, "抓单延迟", "time until it was taken in",
          _seconds_sql("o.captured_at", "o.ordered_at"), lambda o, s, b: _seconds(o.captured_at, o.ordered_at)),
    _fact("weekday", V.CODE, "下单星期", "weekday of the order", f"cast({_local_sql('isodow', 'o.ordered_at')} as text)",
          lambda o, s, b: _weekday(b, o, o.ordered_at), choices=WEEKDAYS),
    _fact("hour", V.COUNT, "下单钟点", "hour of the order", _local_sql("hour", "o.ordered_at"),
          lambda o, s, b: _hour(b, o, o.ordered_at), unit="点", unit_en="o'clock"),
    _time("weekday", V.CODE, "今天星期", "weekday at the shop", f"cast({_local_sql('isodow', 'm.at')} as text)",
          lambda o, s, b: _weekday(b, o, b.now), choices=WEEKDAYS),
    _time("hour", V.COUNT, "当前钟点", "hour at the shop", _local_sql("hour", "m.at"),
          lambda o, s, b: _hour(b, o, b.now), unit="点", unit_en="o'clock"),
)  # fmt: skip
