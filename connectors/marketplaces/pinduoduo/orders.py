"""Parses Pinduoduo's order document to a normalised order. Pure; no calls, no clock.

The platform names no buyer at all, only a pseudonym of the person at the address, which is what orders may be
merged by: it stands for the buyer. Whether an invoice was asked for is known, to whom it is made out is not.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import (
    BuyerRecord,
    InvoiceRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    ReceiverRecord,
    RefundState,
)
from connectors.marketplaces.pinduoduo import codes
from connectors.marketplaces.pinduoduo.amounts import amounts_of
from connectors.marketplaces.pinduoduo.lines import charge_lines, facts_of, goods_lines
from connectors.marketplaces.pinduoduo.reading import (
    Json,
    fen,
    moment,
    needed_moment,
    part,
    required,
    rows,
    soft_moment,
    text,
    tree,
    truthy,
)

ALL_PAID = "2"
_STEPS = frozenset({"0", "1", ALL_PAID})


class Choices(NamedTuple):
    """What a shop decides about orders that the platform leaves open."""

    lottery_ships: bool = False
    depot_is_ours: bool = False


def parse_order(body: bytes, choices: Choices) -> OrderRecord:
    """The order in an answer of order.information.get, or in a bare `{"order_info": …}`."""
    found = tree(body, "order_info")
    answer = part(found, "order_info_get_response") or found
    order = answer.get("order_info")
    if not isinstance(order, dict):
        raise BadRecord("there is no order_info object in the document", field="order_info")
    return order_of(order, choices)


def order_of(order: Json, choices: Choices) -> OrderRecord:
    """The order in an order_info object; BadRecord names the field at fault."""
    items = rows(order, "item_list")
    if not items:
        raise BadRecord("an order needs at least one item", field="item_list")
    alerts: list[str] = []
    status, tags = text(order, "order_status"), _tags(order)
    state = _state(order, status, alerts)
    amounts = amounts_of(order, items, unpaid=state is OrderState.UNPAID)
    facts = facts_of(order, state, _refund(order, alerts), tags, choices.depot_is_ours)
    lines = goods_lines(order, items, amounts.shares, facts)
    lines += charge_lines(amounts, state)
    created, paid_at = needed_moment(order, "created_time"), moment(order, "pay_time")
    return OrderRecord(
        external_no=required(order, "order_sn"),
        state=state,
        platform_status=f"{status}/{text(order, 'refund_status')}",
        created_at=created,
        changed_at=needed_moment(order, "updated_at"),
        currency="CNY",
        paid_total=amounts.total,
        buyer=BuyerRecord(text(order, "open_address_id")),
        receiver=receiver_of(order),
        lines=tuple(lines),
        payments=_payments(order, state, amounts.total, created, paid_at),
        promotions=amounts.promotions,
        paid_at=None if state is OrderState.UNPAID else paid_at,
        is_presale=_is_step(order) or truthy(order, "is_pre_sale"),
        buyer_message=text(order, "buyer_memo"),
        seller_memo=text(order, "remark"),
        flag=_flag(order, alerts),
        ship_by=soft_moment(order, "last_ship_time"),
        platform_holds=_holds(order, status, tags, choices),
        invoice=InvoiceRecord("", "personal") if truthy(order, "invoice_status") else None,
        alerts=tuple(alerts),
    )


def receiver_of(order: Json) -> ReceiverRecord:
    """The receiver behind stars; the ciphertexts stand for the person and are gone once the order has shipped.

    What the platform calls a town is the third level, which is the hub's district.
    """
    tokens = {
        "open_address_id": text(order, "open_address_id"),
        "open_address_id_2": text(order, "open_address_id_2"),
        "name": text(order, "receiver_name"),
        "phone": text(order, "receiver_phone"),
        "address": text(order, "receiver_address") or text(order, "address"),
    }
    return ReceiverRecord(
        name=text(order, "receiver_name_mask"),
        phone=text(order, "receiver_phone_mask"),
        country=text(order, "country"),
        state=text(order, "province"),
        city=text(order, "city"),
        district=text(order, "town"),
        address=text(order, "receiver_address_mask") or text(order, "address_mask"),
        masked=True,
        tokens={name: token for name, token in tokens.items() if token},
        identity=text(order, "open_address_id"),
    )


def _state(order: Json, status: str, alerts: list[str]) -> OrderState:
    state = codes.STATES.get(status)
    if state is None:
        if not status:
            raise BadRecord("this is missing", field="order_status")
        alerts.append(f"order_status={status:.40}")
        state = OrderState.SHIPPED if order.get("shipping_time") else OrderState.OPEN
    if state is not OrderState.OPEN:
        return state
    if text(order, "confirm_status") == codes.CANCELLED or text(order, "group_status") == codes.FAILED:
        return OrderState.CANCELLED
    # The order's own status stays "to be shipped" when all its money went back before that.
    if text(order, "refund_status") == codes.REFUNDED:
        return OrderState.CANCELLED
    return OrderState.UNPAID if _awaits_money(order, alerts) else state


def _awaits_money(order: Json, alerts: list[str]) -> bool:
    if not _is_step(order):
        return not order.get("pay_time") and text(order, "confirm_status") not in ("", codes.CONFIRMED)
    step = text(part(order, "step_order_info"), "step_trade_status")
    if step not in _STEPS:
        alerts.append(f"step_trade_status={step:.40}")
    return step != ALL_PAID


def _is_step(order: Json) -> bool:
    return text(order, "trade_type") == "1"


def _refund(order: Json, alerts: list[str]) -> RefundState:
    """Where the order's refund stands; `after_sales_status` alone speaks of exchanges too, so both are heard.

    An unknown word counts as asked: it must stop the shipment until someone looks.
    """
    told, case = text(order, "refund_status"), text(order, "after_sales_status")
    known = codes.CASES.get(case)
    if case and known is None:
        alerts.append(f"after_sales_status={case:.40}")
    if told == codes.REFUNDED:
        return RefundState.SUCCEEDED
    if told == codes.REFUNDING:
        return RefundState.AGREED
    if told in ("", codes.NO_REFUND):
        if case in codes.CASE_CLOSED:
            return RefundState.CLOSED
        return RefundState.ASKED if case and known is None else RefundState.NONE
    if told not in codes.REFUND_STATUSES:
        alerts.append(f"refund_status={told:.40}")
    open_case = known not in (None, RefundState.NONE, RefundState.SUCCEEDED, RefundState.CLOSED)
    return known if known is not None and open_case else RefundState.ASKED


def _tags(order: Json) -> frozenset[str]:
    if not order.get("order_tag_list"):
        return frozenset()
    return frozenset(text(tag, "name") for tag in rows(order, "order_tag_list") if truthy(tag, "value"))


def _holds(order: Json, status: str, tags: frozenset[str], choices: Choices) -> tuple[str, ...]:
    """Reasons not to ship: under review, the group or the deal not made, a lottery, a tag, a word we do not know."""
    holds = [] if status in codes.STATES else ["unknown_status"]
    if text(order, "risk_control_status") not in ("", "0"):
        holds.append("risk_control")
    if text(order, "group_status") not in ("", codes.FORMED):
        holds.append("group_forming")
    if text(order, "confirm_status") not in ("", codes.CONFIRMED):
        holds.append("not_confirmed")
    if text(order, "is_lucky_flag") == codes.LOTTERY and not choices.lottery_ships:
        holds.append("lottery")
    if tags:
        holds.extend(sorted(tags & codes.HOLDING_TAGS))
    return tuple(holds)


def _payments(
    order: Json, state: OrderState, total: int, created: datetime, paid_at: datetime | None
) -> tuple[PaymentRecord, ...]:
    reference = text(order, "pay_no")
    if not _is_step(order):
        return (PaymentRecord(PaymentKind.ONLINE, total, paid_at, reference),)
    step = part(order, "step_order_info")
    told = fen(step, "advanced_paid_fee")
    deposit = told if 0 < told < total else 0
    balance_at = None if state is OrderState.UNPAID else paid_at or created
    balance = PaymentRecord(PaymentKind.BALANCE, total - deposit, balance_at, reference)
    if not deposit:
        return (balance,)
    is_paid = text(step, "step_trade_status") in ("1", ALL_PAID)
    return (PaymentRecord(PaymentKind.DEPOSIT, deposit, created if is_paid else None), balance)


def _flag(order: Json, alerts: list[str]) -> str:
    number = text(order, "remark_tag")
    if number and number != "0" and number not in codes.FLAGS:
        alerts.append(f"remark_tag={number:.40}")
    return codes.FLAGS.get(number, "")
