"""Discounts by rules on orders of own channels, while they are unpaid: lines, named shares and the payment follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from oms.app.intercept.enforce import take_back
from oms.app.kernel.batch import Batch
from oms.app.kernel.lifted import lifted_mark
from oms.app.kernel.load import fetch
from oms.app.kernel.work import LineWork, OrderWork
from oms.app.pipeline.discounts_written import Share, write_discounts
from oms.app.pipeline.goods import Goods
from oms.app.pipeline.reviewing.invalidating import invalidate
from oms.app.rulebook.book import book_of
from oms.db.bulk import array_of
from oms.domain.gifts import basis_points_of, percent_of, take_off
from rules.engine import Applied, Verdict

#: Whose price is ours to set.
OWN: Final = ("manual", "pos", "distributor")
ACTIONS: Final = frozenset({"member_discount", "percent_off", "amount_off"})
PLANNED: Final = ("planned", "on_hold")
REFUSED: Final = "a discount cannot be given on an order of a platform"
#: Under what such an order is held: no stage of its own, so that none takes it for what it has left to people.
BY: Final = "discount"
#: What a share of a rule is called by; those that a person or a document brought have other numbers.
MARK: Final = "rule:"
HELD: Final = """
select order_id, order_line_id, funder, amount, promotion_no, name from discount_share
where order_id = any(%s) and promotion_no like 'rule:%%' order by id"""
LEVELS: Final = """
select c.id, m.code, m.name, m.discount_bp from customer c join member_level m on m.code = c.member_level
where c.id = any(%s) and m.discount_bp > 0"""


@dataclass(frozen=True, slots=True)
class Level:
    """What a member level takes off, in hundredths of a percent."""

    code: str
    name: str
    points: int


@dataclass(slots=True)
class Repriced:
    """An order whose discounts change: the shares it gets, and by how much each of its lines is cheaper than now."""

    order: OrderWork
    shares: list[Share]
    less: dict[tuple[int, str], int] = field(default_factory=dict)  # (line, funder) → minor units

    @property
    def total(self) -> int:
        """By how much the order is cheaper than now; negative when it is dearer."""
        return sum(self.less.values())


def may_discount(order: OrderWork) -> bool:
    """Whether its price may still change: an own channel's, not paid, nothing on its way."""
    if order.origin not in OWN or order.status not in ("unpaid", "open") or order.paid_at is not None or order.is_new:
        return False
    if any(demand.shipped for demand in order.demands):
        return False
    return all(work.status in PLANNED and work.order_count == 1 for work in order.fulfilments)


def is_refused(order: OrderWork) -> bool:
    """Whether it is held because a rule gave it a discount that it cannot have."""
    hold = order.hold("by_rule") if order.holds else None
    return hold is not None and hold.seen.get("stage") == BY


def follow(batch: Batch, decided: Sequence[tuple[OrderWork, Verdict]], orders: Sequence[OrderWork], goods: Goods) -> None:
    """Bring the discounts of orders in step with what their rules say; those of no rule set lose what rules gave."""
    verdicts = {order.id: verdict for order, verdict in decided}
    for order in orders:
        _refuse(batch, order, verdicts.get(order.id))
    open_ = [order for order in orders if may_discount(order)]
    if not open_:
        return
    held = _held(batch, open_)
    levels = _levels(batch, open_)
    repriced = []
    for order in open_:
        verdict = verdicts.get(order.id)
        if verdict and (verdict.unhealthy or verdict.unknown):
            continue  # What rules could not judge stays as it is.
        found = _reprice(batch, order, verdict, held.get(order.id, []), levels)
        if found is not None:
            repriced.append(found)
    _apply(batch, repriced, goods)


def _refuse(batch: Batch, order: OrderWork, verdict: Verdict | None) -> None:
    """A platform's order is held with the reason, as long as a rule gives it a discount."""
    asked = [a.rule_id for a in verdict.actions if a.action in ACTIONS] if verdict and order.origin not in OWN else []
    fresh = [rule_id for rule_id in asked if lifted_mark(rule_id) not in order.lifted]
    if fresh and order.hold("by_rule") is None:
        batch.place_hold(order, "by_rule", {"rules": fresh, "reason": REFUSED, "stage": BY})
    elif not fresh and is_refused(order):
        batch.clear_hold(order, "by_rule", "no rule asks for it")
        order.ready_at = batch.now  # What earlier stages wanted to hold was held already.


def _held(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, list[Share]]:
    held: dict[int, list[Share]] = {}
    for order_id, *share in fetch(batch.connection, HELD, (array_of([order.id for order in orders]),)):
        held.setdefault(order_id, []).append(Share(order_id, *share))
    return held


def _levels(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Level]:
    ids = sorted({order.customer_id for order in orders if order.customer_id is not None})
    return {row[0]: Level(*row[1:]) for row in fetch(batch.connection, LEVELS, (ids,))} if ids else {}


def _reprice(
    batch: Batch, order: OrderWork, verdict: Verdict | None, held: Sequence[Share], levels: dict[int, Level]
) -> Repriced | None:
    """The order's new shares, None when they are what it has."""
    lines = [line for line in order.lines if line.kind == "goods" and not line.is_void and not line.is_gift]
    now = {line.id: line.paid_amount for line in lines}
    for share in held:
        if share.line_id in now:
            now[share.line_id] += share.amount
    shares = list(_shares(batch, order, verdict, lines, now, levels.get(order.customer_id or 0)))
    if sorted(shares) == sorted(held):
        return None
    found = Repriced(order, shares)
    for share, sign in [*[(one, 1) for one in shares], *[(one, -1) for one in held]]:
        key = (share.line_id, share.funder)
        found.less[key] = found.less.get(key, 0) + sign * share.amount
    return found


def _shares(
    batch: Batch, order: OrderWork, verdict: Verdict | None, lines: Sequence[LineWork], left: dict[int, int],
    level: Level | None,
) -> Iterator[Share]:  # fmt: skip
    """A share for each discount and line; each discount is taken off what the earlier ones left."""
    applied = [one for one in verdict.actions if one.action in ACTIONS] if verdict else []
    if not applied or not lines:
        return
    found = book_of(batch.hub).find(batch.connection, "gift", batch.masters.shops[order.shop_id], order.id, batch.now)
    set_id = found.version.rule_set_id if found else 0
    for number, one in enumerate(applied, 1):
        paid = [left[line.id] for line in lines]
        amount, funder, name = _discount(one, sum(paid), level)
        for line, part in zip(lines, take_off(amount, paid), strict=True):
            if part:
                left[line.id] -= part
                yield Share(order.id, line.id, funder, part, f"{MARK}{set_id}:{one.rule_id}:{number}", name)


def _discount(applied: Applied, paid: int, level: Level | None) -> tuple[int, str, str]:
    """(minor units, funder, name)."""
    params = applied.params
    if applied.action == "member_discount":
        return (basis_points_of(paid, level.points), "member", level.name or level.code) if level else (0, "member", "")
    funder, name = str(params["funder"]), str(params["name"])[:100]
    if applied.action == "percent_off":
        return percent_of(paid, Decimal(str(params["percent"]))), funder, name
    return int(str(params["off"])), funder, name


def _apply(batch: Batch, repriced: Sequence[Repriced], goods: Goods) -> None:
    """Change what is carried in memory, and write it; what was planned at the old price is planned anew."""
    rows: list[tuple[Any, ...]] = []
    for one in repriced:
        order = one.order
        for work in list(order.fulfilments):
            take_back(batch, work, "price_changed")
        lines = {line.id: line for line in order.lines}
        for (line_id, funder), less in one.less.items():
            line = lines[line_id]
            line.paid_amount -= less
            line.discount_merchant += less if funder == "merchant" else 0
            rows.append((line_id, funder, less))
        order.paid_total -= one.total
        batch.note(order, "discounted", {"amount": one.total, "total": order.paid_total})
        invalidate(batch, order, "amount")
    write_discounts(batch, [(one.order, one.shares, one.total) for one in repriced], rows, goods)
