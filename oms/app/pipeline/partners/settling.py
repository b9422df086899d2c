"""结算价: what the lines of partners' orders are settled at, set-wise, once; lists that change later change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.partners import PartnerCard, Partnered, Settled
from oms.app.kernel.work import LineWork, OrderWork
from oms.app.pipeline.matching import match_lines
from oms.db.bulk import array_of
from oms.domain.settling import Agreed, Price, agree, follow, price_at, stands_against

MISSING: Final = "no_settlement_price"
CLOSED: Final = ("completed", "cancelled")
#: Prices of these goods and the partners' general ones, and the parts of bundles.
PRICES: Final = """
select partner_id, sku_id, bundle_id, basis, amount, rate_bp, valid_from, valid_until from settlement_price
where partner_id = any(%s) and (sku_id = any(%s) or bundle_id = any(%s) or (sku_id = 0 and bundle_id = 0))"""
PARTS: Final = "select bundle_id, sku_id, units from bundle_part where bundle_id = any(%s)"
EVERYTHING: Final = (0, 0)


@dataclass(slots=True)
class _Open:
    """A line that has no amount yet, and whether one was agreed before for other goods."""

    order: OrderWork
    card: PartnerCard
    known: Partnered
    line: LineWork


@dataclass(slots=True)
class Lists:
    """Price lists of partners by (partner, SKU or 0, bundle or 0), and the parts of bundles."""

    prices: dict[tuple[int, int, int], list[Price]] = field(default_factory=dict)
    parts: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def agree(self, card: PartnerCard, order: OrderWork, line: LineWork) -> Agreed | None:
        """What the lists say of a line at the time of its order: its own price, its parts', else the general one."""
        goods = _goods(line)
        price = price_at(self.prices.get((card.id, *goods), ()), order.ordered_at)
        if price is None and line.bundle_id:
            price = self._of_parts(card, order, line.bundle_id)
        price = price or price_at(self.prices.get((card.id, *EVERYTHING), ()), order.ordered_at)
        return agree(price, line.ordered, line.list_amount, line.paid_amount) if price else None

    def _of_parts(self, card: PartnerCard, order: OrderWork, bundle_id: int) -> Price | None:
        """A bundle costs what its parts do, where each of them has a price."""
        found = [
            (units, price_at(self.prices.get((card.id, sku_id, 0), ()), order.ordered_at))
            for sku_id, units in self.parts.get(bundle_id, ())
        ]
        fixed = [(units, price) for units, price in found if price is not None and price.basis == "price"]
        if not fixed or len(fixed) < len(found):
            return None
        newest = max(price.valid_from for _, price in fixed)
        return Price("price", sum(units * price.amount for units, price in fixed), 0, newest)


def settle_lines(batch: Batch, orders: Sequence[OrderWork], *, with_closed: bool = False) -> None:
    """Give lines of partners' orders their settlement amounts, and hold orders that must not go without.

    What the document says comes first. A line that was priced keeps its price; only its units and amounts are followed.
    Orders that have closed are left as they are, unless they are asked for.
    """
    partners, state = batch.masters.partners, batch.partnering
    mine = []
    for order in orders:
        known = state.orders.get(order.id)
        card = partners.by_id.get(known.partner_id or 0) if known is not None else None
        if known is not None and card is not None and (with_closed or order.status not in CLOSED):
            mine.append((order, known, card))
    own = [order for order, _, card in mine if order.fulfiller == "owner" and card.settles_own]
    if own:
        match_lines(batch, own)
    wanted = [
        _Open(order, card, known, line) for order, known, card in mine for line in _follow(batch, order, known, card)
    ]
    missing = _look_up(batch, wanted) if wanted else {}
    for order, _, card in mine:
        _settle_hold(batch, order, card, missing.get(order.id, []))


def counted(order: OrderWork, card: PartnerCard) -> list[LineWork]:
    """The lines that are settled with the partner: goods that we send, and its own where that was agreed."""
    lines = [line for line in order.lines if line.kind == "goods" and not line.is_gone and line.fulfiller != "platform"]
    if card.settles_own:
        return lines
    return [line for line in lines if line.fulfiller == "us"] if order.fulfiller == "us" else []


def _follow(batch: Batch, order: OrderWork, known: Partnered, card: PartnerCard) -> list[LineWork]:
    """Bring lines that have an amount in step; answers those that have to be looked up in the lists."""
    wanted = []
    for line in counted(order, card):
        before = known.lines.get(line.id)
        stated = known.stated.get(line.external_no) if order.currency == card.currency else None
        if before is not None and stands_against(before.agreed, stated):
            _follow_person(batch, order, known, line, before, stated)
        elif stated is not None:
            _settle(batch, order, known, line, Agreed(stated, "document"))
        elif before is None or before.goods != _goods(line):
            if before is None or before.agreed.basis != "document":
                wanted.append(line)
        else:
            now = follow(before.agreed, before.units, line.ordered, line.list_amount, line.paid_amount)
            _settle(batch, order, known, line, now)
    return wanted


def _follow_person(
    batch: Batch, order: OrderWork, known: Partnered, line: LineWork, before: Settled, stated: int | None
) -> None:
    """What a person has set for these goods follows their units, and keeps in mind what the document says first."""
    if before.goods == _goods(line):
        now = follow(before.agreed, before.units, line.ordered, line.list_amount, line.paid_amount)
        _settle(batch, order, known, line, replace(now, base_amount=now.base_amount or stated or 0))


def _look_up(batch: Batch, wanted: Sequence[_Open]) -> dict[int, list[LineWork]]:
    """Price lines by the lists; answers those without a price by order."""
    matched = [one for one in wanted if one.line.sku_id or one.line.bundle_id]
    lists = load_lists(batch, matched) if matched else Lists()
    missing: dict[int, list[LineWork]] = {}
    for one in wanted:
        agreed = lists.agree(one.card, one.order, one.line) if one.order.currency == one.card.currency else None
        if agreed is None:
            if not one.line.is_gift and not one.line.is_lost:
                missing.setdefault(one.order.id, []).append(one.line)
        elif one.line.sku_id or one.line.bundle_id:
            _settle(batch, one.order, one.known, one.line, agreed)
    return missing


def load_lists(batch: Batch, wanted: Sequence[_Open]) -> Lists:
    """The prices that these lines may have, of any time."""
    lists = Lists()
    skus = {one.line.sku_id for one in wanted if one.line.sku_id}
    bundles = sorted({one.line.bundle_id for one in wanted if one.line.bundle_id})
    for bundle_id, sku_id, units in fetch(batch.connection, PARTS, (bundles,)) if bundles else ():
        lists.parts.setdefault(bundle_id, []).append((sku_id, units))
        skus.add(sku_id)
    partners = sorted({one.card.id for one in wanted})
    asked = (array_of(partners), array_of(sorted(skus)), array_of(bundles))
    for partner_id, sku_id, bundle_id, *price in fetch(batch.connection, PRICES, asked):
        lists.prices.setdefault((partner_id, sku_id, bundle_id), []).append(Price(*price))
    return lists


def _goods(line: LineWork) -> tuple[int, int]:
    return line.sku_id or 0, line.bundle_id or 0


def _settle(batch: Batch, order: OrderWork, known: Partnered, line: LineWork, agreed: Agreed) -> None:
    """Keep an amount; one that changes is told, so that none changes silently."""
    before, now = known.lines.get(line.id), Settled(agreed, line.ordered, _goods(line))
    if before == now:
        return
    known.lines[line.id] = now
    batch.partnering.priced[line.id] = (line, now)
    if before is not None and before.agreed.amount != agreed.amount:
        was, currency = before.agreed.amount, batch.masters.partners.by_id[known.partner_id or 0].currency
        seen = {"lines": [line.external_no], "amount": agreed.amount, "was_amount": was, "currency": currency}
        batch.note(order, "settlement_changed", seen)


def _settle_hold(batch: Batch, order: OrderWork, card: PartnerCard, missing: Sequence[LineWork]) -> None:
    if missing and card.needs_price and order.fulfiller == "us" and order.status not in CLOSED:
        if MISSING not in order.lifted:
            lines = [line.external_no for line in missing]
            seen = {"partner": card.code, "lines": lines, "skus": sorted({line.seller_code for line in missing})}
            batch.place_hold(order, MISSING, seen)
    elif order.holds:
        batch.clear_hold(order, MISSING, "cause gone")
