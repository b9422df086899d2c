"""代销分销: whose an order is and who sends it, decided once. What its lines are settled at is beside, in settling.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.contract.records import PartnerRecord
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.marks import mark
from oms.app.kernel.partnered import load_partnered
from oms.app.kernel.partners import PartnerCard, Partnered
from oms.app.kernel.work import LineWork, OrderWork
from oms.db.bulk import array_of

UNKNOWN: Final = "partner_unknown"
LONGEST: Final = 100
GOODS: Final = """
select g.partner_id, g.sku_id, g.bundle_id from partner_goods g
where g.partner_id = any(%s) and (g.sku_id = any(%s) or g.bundle_id = any(%s))"""


def name_partner(batch: Batch, order: OrderWork, told: PartnerRecord) -> None:
    """Keep what an order's document says of its partner; once something has left, the order stays whose it is."""
    state = batch.partnering
    load_partnered(batch, [order])
    known = state.orders.get(order.id)
    if known is None:
        known = state.orders[order.id] = Partnered(None, "document")
    elif known.code.casefold() != told.code.casefold() and not any(line.shipped for line in order.lines):
        known.partner_id, known.lines = None, {}
    stated = {number: amount for number, amount in told.amounts.items() if amount >= 0}
    said = (told.code[:LONGEST], told.reference[:LONGEST], stated)
    if known.via != "document" or (known.code, known.reference, known.stated) != said:
        known.via, (known.code, known.reference, known.stated) = "document", said
        state.changed.add(order.id)


def attach(batch: Batch, orders: Sequence[OrderWork]) -> list[OrderWork]:
    """Find whose these orders are, and leave to partners what they send; answers the orders that are a partner's.

    Asks nothing where there are no partners, and one question for orders of theirs that were seen before.
    """
    partners, state = batch.masters.partners, batch.partnering
    if not partners.by_id and not state.orders:
        return []
    mine = [
        order
        for order in orders
        if order.owner != "own"
        or order.shop_id in partners.of_shop
        or order.id in state.orders
        or (order.holds and order.hold(UNKNOWN))
    ]
    if not mine:
        return []
    load_partnered(batch, mine)
    return [order for order in mine if _attach(batch, order)]


def _attach(batch: Batch, order: OrderWork) -> bool:
    partners, state = batch.masters.partners, batch.partnering
    known = state.orders.get(order.id)
    if known is None:
        if order.shop_id not in partners.of_shop or order.status in ("completed", "cancelled"):
            return False
        known = Partnered(None, "shop")
    if known.partner_id is None and not _decide(batch, order, known):
        return False
    if known.ships == "partner":
        _leave(batch, order)
    elif known.left:
        _leave_lines(batch, order, known, [line for line in order.lines if line.id in known.left])
    return True


def _decide(batch: Batch, order: OrderWork, known: Partnered) -> bool:
    """The partner that the document names, else that of the shop; of one we do not know the order waits."""
    partners, state = batch.masters.partners, batch.partnering
    card = partners.by_code.get(known.code.casefold()) if known.code else partners.of_shop.get(order.shop_id)
    if card is None or card.is_stopped:
        if UNKNOWN not in order.lifted and order.status not in ("completed", "cancelled"):
            code = known.code or (card.code if card else "")
            batch.place_hold(order, UNKNOWN, {"partner": code} | ({"stopped": True} if card else {}))
        return False
    _take(batch, order, known, card)
    state.orders[order.id] = known
    state.changed.add(order.id)
    return True


def _take(batch: Batch, order: OrderWork, known: Partnered, card: PartnerCard) -> None:
    known.partner_id, known.ships = card.id, card.ships
    batch.clear_hold(order, UNKNOWN, "the partner is known")
    batch.note(order, "partner_set", {"partner": card.code, "ships": card.ships})
    mark(batch, order, "owner", card.kind)


def _leave(batch: Batch, order: OrderWork) -> None:
    """The partner sends it: no warehouse hears of it, unless something is on its way already."""
    if order.fulfiller == "us" and not order.fulfilments and not any(line.shipped for line in order.lines):
        order.fulfiller = "owner"
        batch.marked.add(order.id)
        batch.touched.add(order.id)


def as_told(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Show lines that were left to a partner as its document told them, before a newer one is compared with them."""
    theirs = [order for order in orders if order.owner != "own"]
    if not theirs or not batch.masters.partners.by_id:
        return
    load_partnered(batch, theirs)
    for order in theirs:
        known = batch.partnering.orders.get(order.id)
        if known is not None and known.left:
            for line in order.lines:
                if line.id in known.left and line.fulfiller == "owner":
                    line.fulfiller = "us"


def leave_goods(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Of partners that send some goods, leave those lines to them; a line with demands of ours stays ours."""
    state = batch.partnering
    if not state.orders:
        return
    wanted: list[tuple[OrderWork, Partnered, list[LineWork]]] = []
    for order in orders:
        known = state.orders.get(order.id)
        if known is not None and known.ships == "sku" and known.partner_id is not None:
            busy = {demand.line_id for demand in order.demands}
            lines = [x for x in order.lines if x.is_goods and x.id not in busy and (x.sku_id or x.bundle_id)]
            if lines:
                wanted.append((order, known, lines))
    theirs = _goods_of(batch, wanted) if wanted else set()
    for order, known, lines in wanted:
        left = [x for x in lines if (known.partner_id, x.sku_id or 0, x.bundle_id or 0) in theirs]
        if left:
            known.left.update([line.id for line in left])
            state.changed.add(order.id)
            batch.note(order, "lines_left", {"lines": [line.external_no for line in left]})
            _leave_lines(batch, order, known, left)


def _goods_of(
    batch: Batch, wanted: Sequence[tuple[OrderWork, Partnered, list[LineWork]]]
) -> set[tuple[int | None, int, int]]:
    lines = [line for _, _, mine in wanted for line in mine]
    partners = sorted({known.partner_id or 0 for _, known, _ in wanted})
    skus = sorted({line.sku_id for line in lines if line.sku_id})
    bundles = sorted({line.bundle_id for line in lines if line.bundle_id})
    return {
        (row[0], row[1], row[2])
        for row in fetch(batch.connection, GOODS, (array_of(partners), array_of(skus), array_of(bundles)))
    }


def _leave_lines(batch: Batch, order: OrderWork, known: Partnered, lines: Sequence[LineWork]) -> None:
    """Lines that the partner sends; the order is its own when nothing else is left, and ours again when there is."""
    for line in lines:
        if line.fulfiller == "us" and not line.planned and not line.shipped:
            line.fulfiller = "owner"
            batch.partnering.fulfillers[line.id] = "owner"
    kinds = {line.fulfiller for line in order.lines if line.kind == "goods" and not line.is_gone}
    now = "owner" if kinds == {"owner"} and not order.fulfilments else "us" if "us" in kinds else order.fulfiller
    if known.ships == "sku" and now != order.fulfiller and order.fulfiller in ("us", "owner"):
        order.fulfiller = now
        batch.marked.add(order.id)
        batch.touched.add(order.id)
