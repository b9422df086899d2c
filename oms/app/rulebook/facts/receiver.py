"""Facts of the receiver: divisions, what is missing, which carriers go there. Names, phones and streets are in sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import Facts, LookUp, Stands, gathered
from oms.db.bulk import array_of
from oms.domain.addresses import HOME, is_vague, lacking
from rules.facts import UNKNOWN
from rules.model import ValueType as V

RECEIVERS: Final = """
select r.order_id, r.country, r.state, r.city, r.district, r.name_blind is not null or r.is_masked,
  r.phone_blind is not null or r.is_masked, r.address_blind is not null or r.is_masked,
  exists (select from data_key k where k.id = r.order_id),
  exists (select from blacklist_entry e where (e.expires_at is null or e.expires_at > %s)
    and (e.kind = 'phone' and e.blind = r.phone_blind or e.kind = 'address' and e.blind = r.address_blind))
from receiver r where r.order_id = any(%s)"""

PARTS: Final = (
    ("name", "姓名", "name"),
    ("phone", "电话", "phone"),
    ("city", "城市", "city"),
    ("street", "街道", "street"),
)
_HOME_SQL: Final = ", ".join(f"'{country}'" for country in sorted(HOME))


class Seen(NamedTuple):
    """What is plain of a receiver; the three flags say whether a part is there, as far as one can tell."""

    country: str
    state: str
    city: str
    district: str
    has_name: bool
    has_phone: bool
    has_street: bool
    is_kept: bool
    is_blacklisted: bool


def _load(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Seen]:
    ids = array_of([order.id for order in orders])
    return {row[0]: Seen(*row[1:]) for row in fetch(batch.connection, RECEIVERS, (batch.now, ids))}


RECEIVER: Final = LookUp[Seen | None]("receivers", _load, None)


def _plain(field: str) -> Any:
    def value(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
        seen = RECEIVER.of(batch, order)
        return None if seen is None else getattr(seen, field)

    return value


def is_home(country: str) -> bool:
    """Whether a platform's word for a country means China; most leave it out."""
    return country.strip(" ").upper() in HOME


def _is_abroad(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
    seen = RECEIVER.of(batch, order)
    return None if seen is None else not is_home(seen.country)


def _missing(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
    """Unknown once the buyer's details are erased."""
    seen = RECEIVER.of(batch, order)
    if seen is None:
        return None
    if not seen.is_kept:
        return UNKNOWN
    city = not is_vague(order.division_code) or bool((seen.city + seen.district).strip(" "))
    country = "" if is_home(seen.country) else seen.country
    return frozenset(
        lacking(name=seen.has_name, phone=seen.has_phone, city=city, street=seen.has_street, country=country)
    )


def _reached_by(order: OrderWork, _shop: ShopCard, batch: Batch) -> frozenset[str]:
    return frozenset([
        card.code
        for card in batch.masters.carriers.values()
        if not card.is_suspended and (card.allows_cod or not order.is_cod) and card.delivers_to(order.division_code)
    ])  # fmt: skip


def _level(digits: int) -> Any:
    """A division's code at a level, padded to six digits; missing where the address is not known so exactly."""

    def value(order: OrderWork, _shop: ShopCard, _batch: Batch) -> str | None:
        code = order.division_code
        return code[:digits].ljust(6, "0") if len(code) >= 6 and code[digits - 2 : digits] != "00" else None

    return value


def _level_sql(digits: int) -> str:
    return f"""case when length(o.division_code) >= 6 and substr(o.division_code, {digits - 1}, 2) <> '00'
    then rpad(left(o.division_code, {digits}), 6, '0') end"""


def _receiver_sql(expression: str) -> str:
    return f"(select {expression} from receiver r where r.order_id = o.id)"


_MISSING_SQL: Final = f"""(select case when exists (select from data_key k where k.id = r.order_id) then
array_remove(array[
case when r.name_blind is null and not r.is_masked then 'name' end,
case when r.phone_blind is null and not r.is_masked and upper(trim(r.country)) in ({_HOME_SQL}) then 'phone' end,
case when right(o.division_code, 4) = '0000' and trim(r.city || r.district) = '' then 'city' end,
case when r.address_blind is null and not r.is_masked then 'street' end], null) end
from receiver r where r.order_id = o.id)"""
_REACHED_SQL: Final = gathered(
    "k.code",
    """carrier k where not k.is_suspended
and (k.allows_cod or not o.is_cod)
and coalesce((select v.is_deliverable from carrier_coverage v where v.carrier_id = k.id
  and starts_with(o.division_code, v.division_prefix) order by length(v.division_prefix) desc limit 1), true)""",
)
_BLACK_SQL: Final = """exists (select from receiver r join blacklist_entry e
on (e.kind = 'phone' and e.blind = r.phone_blind or e.kind = 'address' and e.blind = r.address_blind)
where r.order_id = o.id and (e.expires_at is null or e.expires_at > m.at))"""

_fact = Facts("receiver")

FACTS: Final = (
    Facts("order")("division", V.TEXT, "收货地区代码", "division code", "o.division_code",
                   lambda o, s, b: o.division_code),
    _fact("province", V.TEXT, "省级代码", "province code", _level_sql(2), _level(2)),
    _fact("city", V.TEXT, "市级代码", "city code", _level_sql(4), _level(4)),
    _fact("district", V.TEXT, "区县代码", "district code", _level_sql(6), _level(6)),
    _fact("country", V.TEXT, "国家", "country", _receiver_sql("r.country"), _plain("country")),
    _fact("is_abroad", V.BOOL, "境外地址", "address abroad",
          _receiver_sql(f"upper(trim(r.country)) not in ({_HOME_SQL})"), _is_abroad),
    _fact("province_name", V.TEXT, "省名", "province in the platform's words", _receiver_sql("r.state"), _plain("state")),
    _fact("city_name", V.TEXT, "市名", "city in the platform's words", _receiver_sql("r.city"), _plain("city")),
    _fact("district_name", V.TEXT, "区县名", "district in the platform's words", _receiver_sql("r.district"),
          _plain("district")),
    _fact("is_masked", V.BOOL, "收货信息脱敏", "receiver is masked", "o.is_masked", lambda o, s, b: o.is_masked),
    Facts("receiver", may_be_unknown=True)(
        "missing", V.SET, "缺少的收货信息", "missing parts", _MISSING_SQL, _missing, choices=PARTS),
    Facts("receiver", stands=Stands.NOW)(
        "reached_by", V.SET, "可达快递", "carriers that go there", _REACHED_SQL, _reached_by),
    Facts("receiver", stands=Stands.AS_OF)(
        "is_blacklisted", V.BOOL, "收货人在黑名单", "receiver is blacklisted", _BLACK_SQL,
        lambda o, s, b: bool((seen := RECEIVER.of(b, o)) and seen.is_blacklisted)),
)  # fmt: skip
