"""Partners as a batch sees them, whose orders are theirs, and the rows that say so; what is decided is in pipeline.

Nothing is asked of the database where there is no partner: the snapshot of the masters says whether there are any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, text

from oms.app.kernel.work import LineWork, OrderWork
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.settling import Agreed

if TYPE_CHECKING:
    from oms.app.kernel.batch import Batch


class PartnerCard(NamedTuple):
    """A partner with what its orders are handled by; see oms.db.settling.Partner."""

    id: int
    code: str
    name: str
    kind: str
    currency: str
    ships: str
    needs_price: bool
    settles_own: bool
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class Partners:
    """All partners, and the shops that are one's."""

    by_id: Mapping[int, PartnerCard] = field(default_factory=dict)
    by_code: Mapping[str, PartnerCard] = field(default_factory=dict)
    of_shop: Mapping[int, PartnerCard] = field(default_factory=dict)


NOBODY: Final = Partners()
PARTNERS: Final = text("""
select id, code, name, kind, currency, ships, needs_price, settles_own, is_stopped from partner""")
SHOPS: Final = text("select shop_id, partner_id from partner_shop")


def read_partners(connection: Connection) -> Partners:
    """All partners as of this transaction."""
    by_id = {row[0]: PartnerCard(*row) for row in connection.execute(PARTNERS)}
    if not by_id:
        return NOBODY
    shops = {shop_id: by_id[partner_id] for shop_id, partner_id in connection.execute(SHOPS)}
    return Partners(by_id, {card.code.casefold(): card for card in by_id.values()}, shops)


@dataclass(slots=True)
class Settled:
    """What is known of a line's settlement: what was agreed for these units of these goods."""

    agreed: Agreed
    units: int
    goods: tuple[int, int]  # SKU or 0, bundle or 0


@dataclass(slots=True)
class Partnered:
    """Whose an order is: `code`, `reference` and `stated` (amounts by line number) are its document's words.

    `ships` and `left` were decided when it became the partner's and stay, whatever becomes of the partner's settings.
    """

    partner_id: int | None
    via: str  # shop | document
    ships: str = "us"
    code: str = ""
    reference: str = ""
    stated: dict[str, int] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)
    lines: dict[int, Settled] = field(default_factory=dict)


LOAD: Final = """
select p.order_id, p.partner_id, p.via, p.ships, p.code, p.reference, p.stated, p.left_lines, s.order_line_id,
  l.settlement_amount, s.basis, s.unit_amount, s.rate_bp, s.base_amount, s.valid_from, s.units, s.sku_id, s.bundle_id
from order_partner p left join line_settlement s on s.order_id = p.order_id
left join order_line l on l.id = s.order_line_id where p.order_id = any(%s)"""
KEEP: Final = """
insert into order_partner (order_id, partner_id, via, ships, code, reference, stated, left_lines, noted_at)
select v.order_id, v.partner_id, v.via, v.ships, v.code, v.reference, v.stated,
  array(select jsonb_array_elements_text(v.left_lines)::bigint), %s
from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[])
  as v(order_id, partner_id, via, ships, code, reference, stated, left_lines)
on conflict (order_id) do update set partner_id = excluded.partner_id, via = excluded.via, ships = excluded.ships,
  code = excluded.code, reference = excluded.reference, stated = excluded.stated, left_lines = excluded.left_lines"""
AMOUNTS: Final = """
update order_line l set settlement_amount = v.amount from unnest(%s::bigint[], %s::bigint[]) as v(id, amount)
where l.id = v.id"""
SETTLE: Final = """
insert into line_settlement (order_line_id, order_id, basis, units, sku_id, bundle_id, base_amount, unit_amount,
  rate_bp, valid_from, priced_at, priced_by)
select v.*, %s, %s from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::bigint[],
  %s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[]) as v
on conflict (order_line_id) do update set basis = excluded.basis, units = excluded.units, sku_id = excluded.sku_id,
  bundle_id = excluded.bundle_id, base_amount = excluded.base_amount, unit_amount = excluded.unit_amount,
  rate_bp = excluded.rate_bp, valid_from = excluded.valid_from, priced_at = excluded.priced_at,
  priced_by = excluded.priced_by"""
FULFILLERS: Final = """
update order_line l set fulfiller = v.fulfiller from unnest(%s::bigint[], %s::text[]) as v(id, fulfiller)
where l.id = v.id and l.fulfiller <> v.fulfiller"""


@dataclass(slots=True)
class Partnering:
    """Of a batch: orders that are partners', those of them to write, and lines to write."""

    orders: dict[int, Partnered] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    priced: dict[int, tuple[LineWork, Settled]] = field(default_factory=dict)
    fulfillers: dict[int, str] = field(default_factory=dict)


def load_partnered(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Read once what is kept of these orders; those that are new have nothing yet."""
    state = batch.partnering
    wanted = [order.id for order in orders if order.id not in state.seen and not order.is_new]
    state.seen.update([order.id for order in orders])
    if not wanted:
        return
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(LOAD, (array_of(wanted),))
        for row in cursor.fetchall():
            _add(state.orders, row)


def _add(found: dict[int, Partnered], row: tuple[Any, ...]) -> None:
    order_id, partner_id, via, ships, code, reference, stated, left, line_id, amount, *rest = row
    known = found.get(order_id)
    if known is None:
        known = found[order_id] = Partnered(partner_id, via, ships, code, reference, dict(stated), set(left))
    if line_id is not None and amount is not None:
        basis, unit_amount, rate_bp, base, valid_from, units, sku_id, bundle_id = rest
        agreed = Agreed(amount, basis, unit_amount, rate_bp, base, valid_from)
        known.lines[line_id] = Settled(agreed, units, (sku_id, bundle_id))


def write_partnering(batch: Batch) -> None:
    """Write what was decided of partners' orders; their rows and those of their lines are written already."""
    state = batch.partnering
    with psycopg_connection(batch.connection).cursor() as cursor:
        if state.changed:
            rows = [_row(id_, state.orders[id_]) for id_ in sorted(state.changed)]
            cursor.execute(KEEP, (batch.now, *_columns(rows)))
        if state.priced:
            priced = [state.priced[id_] for id_ in sorted(state.priced)]
            cursor.execute(AMOUNTS, _columns([(line.id, settled.agreed.amount) for line, settled in priced]))
            cursor.execute(SETTLE, (batch.now, batch.actor, *_columns([_settlement(*one) for one in priced])))
        if state.fulfillers:
            cursor.execute(FULFILLERS, _columns(sorted(state.fulfillers.items())))
    state.changed, state.priced, state.fulfillers = set(), {}, {}


def _row(order_id: int, kept: Partnered) -> tuple[Any, ...]:
    stated, left = orjson.dumps(kept.stated).decode(), orjson.dumps(sorted(kept.left)).decode()
    return order_id, kept.partner_id, kept.via, kept.ships, kept.code, kept.reference, stated, left


def _settlement(line: LineWork, settled: Settled) -> tuple[Any, ...]:
    agreed = settled.agreed
    return (line.id, line.order_id, agreed.basis, settled.units, *settled.goods, agreed.base_amount, agreed.unit_amount,
            agreed.rate_bp, agreed.valid_from)  # fmt: skip


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
