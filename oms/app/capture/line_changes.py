"""What a newer version says of the lines: added, gone, changed in goods or money, refunds, who ships them."""

from __future__ import annotations

from connectors.contract.records import Fulfiller, LineRecord, OrderRecord, RefundState
from oms.app.capture.mirror import Mirror
from oms.app.kernel.batch import Batch
from oms.app.kernel.work import REFUNDING, LineWork, OrderWork

#: How far a case may have come that no order's mark of "asked" takes back.
FURTHER = frozenset({"agreed", "returned", "succeeded"})
BEYOND_PLAN = ("sending", "sent", "accepted", "part_shipped", "stopping")


def apply_lines(batch: Batch, order: OrderWork, record: OrderRecord, mirror: Mirror) -> bool:
    """Bring the lines to what the platform says; answers whether what must leave has changed."""
    held = {line.external_no: line for line in order.lines}
    changed: list[str] = []
    for line in record.lines:
        ours = held.pop(line.external_no, None)
        if ours is None:
            mirror.added.append(line)
            changed.append(line.external_no)
            continue
        was_void, differs = ours.is_void, _differs(order, ours, line)
        _apply_refund(batch, order, ours, line)
        _mirror_line(ours, line)
        if was_void and not ours.is_void:
            ours.cancelled, differs = 0, True
        if differs and not ours.is_void and ours.shipped < ours.ordered:
            changed.append(line.external_no)
            _reset_demands(batch, order, ours)
        mirror.lines.append((ours, line))
    for ours in held.values():
        if not ours.is_gone:
            ours.is_gone = True
            changed.append(ours.external_no)
            mirror.gone.append(ours)
    if changed:
        batch.note(order, "goods_changed", {"lines": changed})
    return bool(changed)


def _differs(order: OrderWork, ours: LineWork, line: LineRecord) -> bool:
    """Whether goods or units are others, or money that a parcel still has to carry.

    An amount alone does not call goods back from a warehouse, except where it is collected on delivery.
    """
    before = (ours.ordered, ours.seller_code, ours.listing_no, ours.variant_no, ours.fulfiller)
    if before != (line.units, line.seller_code, line.listing_no, line.variant_no, line.fulfiller.value):
        return True
    is_out = any(work.status in BEYOND_PLAN for work in order.fulfilments)
    return ours.paid_amount != line.paid_amount and (order.is_cod or not is_out)


def _mirror_line(ours: LineWork, line: LineRecord) -> None:
    """Our copy follows the platform; units never fall below what has shipped."""
    ours.ordered, ours.title, ours.variant = max(line.units, ours.shipped), line.title, line.variant
    ours.cancelled = min(ours.cancelled, ours.ordered - ours.shipped)
    ours.seller_code, ours.listing_no, ours.variant_no = line.seller_code, line.listing_no, line.variant_no
    ours.list_amount, ours.paid_amount = line.list_amount, line.paid_amount
    ours.discount_merchant, ours.is_gift, ours.bound_group = line.discount_merchant, line.is_gift, line.bound_group
    ours.platform_state, ours.is_gone = line.state.value, False
    ours.case_no = ours.case_no if _tells_less(ours, line) else line.case_no
    ours.fulfiller = line.fulfiller.value


def _reset_demands(batch: Batch, order: OrderWork, line: LineWork) -> None:
    """What the line needed is void; its demands are made anew once nothing of them is planned any more."""
    line.sku_id = line.bundle_id = None
    batch.touched_lines[line.id] = line
    for demand in order.demands:
        if demand.line_id == line.id and demand.open_units:
            demand.cancelled += demand.open_units
            batch.touched_demands[demand.id] = demand


def _tells_less(ours: LineWork, line: LineRecord) -> bool:
    """Whether an order only says that money is asked back, and names no case, where one has told us how it went on.

    What an older version of the order itself said is not kept: of two versions the newer holds.
    """
    is_bare = line.refund is RefundState.ASKED and not line.case_no
    return is_bare and bool(ours.case_no) and ours.refund_state in FURTHER


def _apply_refund(batch: Batch, order: OrderWork, ours: LineWork, line: LineRecord) -> None:
    after = ours.refund_state if _tells_less(ours, line) else line.refund.value
    if ours.refund_state != after:
        ours.refund_state = after
        batch.note(order, f"refund_{after}", {"line": ours.external_no, "case": line.case_no})
    if after in REFUNDING and ours.ordered > ours.cancelled:
        batch.place_hold(order, "refund_asked", {"line": ours.external_no, "case": line.case_no})


def fulfiller_now(order: OrderWork, mirror: Mirror) -> str:
    """Who ships the order: us as soon as one line is ours, or has left from us."""
    kinds = {line.fulfiller for line in order.lines if line.kind == "goods" and not line.is_gone}
    kinds |= {line.fulfiller.value for line in mirror.added if line.kind == "goods"}
    if not kinds or Fulfiller.US.value in kinds or any(demand.shipped for demand in order.demands):
        return Fulfiller.US.value
    return sorted(kinds)[0]
