"""Parses Taobao's trade document to a normalised order. Pure; no calls, no clock."""

from __future__ import annotations

from datetime import datetime

from connectors.contract.errors import BadRecord
from connectors.contract.quick import quick
from connectors.contract.records import (
    BuyerRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    ReceiverRecord,
)
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.amounts import amounts_of
from connectors.marketplaces.taobao.lines import charge_lines, goods_lines
from connectors.marketplaces.taobao.reading import (
    Json,
    document,
    fen,
    moment,
    required,
    rows,
    soft_moment,
    text,
    truthy,
)

#: Made for every order.
_ORDER, _RECEIVER, _PAYMENT, _BUYER = quick(OrderRecord), quick(ReceiverRecord), quick(PaymentRecord), quick(BuyerRecord)
FINAL_PAID = "FRONT_PAID_FINAL_PAID"
FORFEITED = "FRONT_PAID_FRONT_FORFEITED"
_STEPS = frozenset({"FRONT_NOPAID_FINAL_NOPAID", "FRONT_PAID_FINAL_NOPAID", FINAL_PAID, FORFEITED})
_FRONT_PAID = _STEPS - {"FRONT_NOPAID_FINAL_NOPAID"}
_BEFORE_SHIPPING = frozenset({OrderState.UNPAID, OrderState.OPEN})


def parse_order(body: bytes) -> OrderRecord:
    """The order in an answer of trade.fullinfo.get, or in a bare `{"trade": …}`."""
    return order_of(document(body, "trade"))


def order_of(trade: Json) -> OrderRecord:
    """The order in a trade object; BadRecord names the field at fault."""
    orders = rows(trade.get("orders"), "orders")
    if not orders:
        raise BadRecord("a trade needs at least one line", field="orders")
    alerts: list[str] = []
    state = _state(trade, orders, alerts)
    amounts = amounts_of(trade, orders)
    alerts.extend(amounts.alerts)
    lines = goods_lines(trade, orders, amounts.shares, state, alerts)
    lines += charge_lines(amounts, state)
    kind = text(trade, "type")
    if kind and kind not in codes.TRADE_TYPES:
        alerts.append(f"type={kind:.40}")
    created, changed = _needed(trade, "created"), _needed(trade, "modified")
    return _ORDER(
        external_no=required(trade, "tid"),
        state=state,
        platform_status=text(trade, "status"),
        created_at=created,
        changed_at=changed,
        currency="CNY",
        paid_total=amounts.total,
        buyer=_BUYER(text(trade, "buyer_open_uid") or text(trade, "buyer_nick"), text(trade, "buyer_nick")),
        receiver=receiver_of(trade),
        lines=tuple(lines),
        payments=_payments(trade, kind, amounts.total, created, changed),
        promotions=amounts.promotions,
        paid_at=_paid_at(trade, changed),
        is_cod=kind == "cod",
        is_presale=_is_presale(trade),
        buyer_message=text(trade, "buyer_message"),
        seller_memo=text(trade, "seller_memo"),
        flag=_flag(trade, alerts),
        ship_by=_earliest(trade, "delivery_time", orders, "delivery_time"),
        collect_by=_earliest(trade, "collect_time", orders, "promise_collect_time"),
        part_shipment_forbidden=_must_leave_whole(trade),
        address_changed=truthy(trade, "lm"),
        platform_holds=_holds(trade),
        alerts=tuple(alerts),
    )


def receiver_of(trade: Json) -> ReceiverRecord:
    """The receiver as the platform gives it; stars stay stars, the OAID stands for the person."""
    name, phone, address = text(trade, "receiver_name"), text(trade, "receiver_mobile"), text(trade, "receiver_address")
    oaid = text(trade, "oaid")
    return _RECEIVER(
        name=name,
        phone=phone,
        telephone=text(trade, "receiver_phone"),
        country=text(trade, "receiver_country"),
        state=text(trade, "receiver_state"),
        city=text(trade, "receiver_city"),
        district=text(trade, "receiver_district"),
        town=text(trade, "receiver_town"),
        address=address,
        postcode=text(trade, "receiver_zip"),
        masked=bool(oaid) or "*" in name or "*" in phone or "*" in address,
        tokens={"oaid": oaid} if oaid else {},
    )


def _state(trade: Json, orders: list[Json], alerts: list[str]) -> OrderState:
    status = text(trade, "status")
    state = codes.STATES.get(status)
    if state is None:
        state = _state_of_lines(orders)
        alerts.append(f"status={status:.40}")
    if _is_presale(trade) and state in _BEFORE_SHIPPING and (step := text(trade, "step_trade_status")) != FINAL_PAID:
        if step not in _STEPS:
            alerts.append(f"step_trade_status={step:.40}")
        return OrderState.CANCELLED if step == FORFEITED else OrderState.UNPAID
    return state


def _state_of_lines(orders: list[Json]) -> OrderState:
    """The state that the lines agree on, when the trade's own status is a word we do not know."""
    known = {codes.STATES.get(text(order, "status")) for order in orders} - {None, OrderState.CANCELLED}
    if known == {OrderState.OPEN, OrderState.SHIPPED}:
        return OrderState.PART_SHIPPED
    state = known.pop() if len(known) == 1 else None
    if state is None:
        raise BadRecord("an unknown status, and the lines do not agree on one either", field="status")
    return state


def _is_presale(trade: Json) -> bool:
    return trade.get("type") == "step" or bool(trade.get("step_trade_status"))


def _payments(trade: Json, kind: str, total: int, created: datetime, changed: datetime) -> tuple[PaymentRecord, ...]:
    paid_at, reference = moment(trade, "pay_time"), text(trade, "alipay_no")
    if kind == "cod":
        return (PaymentRecord(PaymentKind.COD, total, paid_at, reference),)
    if not _is_presale(trade):
        return (_PAYMENT(PaymentKind.ONLINE, total, paid_at, reference),)
    step, paid = text(trade, "step_trade_status"), fen(trade, "step_paid_fee")
    balance_at = paid_at or changed if step == FINAL_PAID else None
    # Once all is paid the platform may write the whole sum here; the deposit is then no longer known.
    deposit = paid if 0 < paid < total else 0
    balance = PaymentRecord(PaymentKind.BALANCE, total - deposit, balance_at, reference)
    if not deposit:
        return (balance,)
    deposit_at = created if step == FINAL_PAID else paid_at or created
    return (PaymentRecord(PaymentKind.DEPOSIT, deposit, deposit_at if step in _FRONT_PAID else None), balance)


def _paid_at(trade: Json, changed: datetime) -> datetime | None:
    if not _is_presale(trade):
        return moment(trade, "pay_time")
    return moment(trade, "pay_time") or changed if trade.get("step_trade_status") == FINAL_PAID else None


def _needed(trade: Json, field: str) -> datetime:
    at = moment(trade, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


def _flag(trade: Json, alerts: list[str]) -> str:
    number = text(trade, "seller_flag")
    if number and number not in codes.FLAGS:
        alerts.append(f"seller_flag={number:.40}")
    return codes.FLAGS.get(number, "")


def _earliest(trade: Json, field: str, orders: list[Json], line_field: str) -> datetime | None:
    own = soft_moment(trade, field)
    if own is not None:
        return own
    return min((at for order in orders if (at := soft_moment(order, line_field))), default=None)


def _must_leave_whole(trade: Json) -> bool:
    agreement = trade.get("logistics_agreement")
    return isinstance(agreement, dict) and truthy(agreement, "no_detail_part_consign")


def _holds(trade: Json) -> tuple[str, ...]:
    """The platform's flags not to ship; a status we do not know may mean anything, so it holds too."""
    holds = [mark for mark in codes.HOLDS if trade.get(mark) and truthy(trade, mark)]
    if trade.get("status") == codes.FORBIDDEN:
        holds.append("paid_forbid_consign")
    if text(trade, "status") not in codes.STATES:
        holds.append("unknown_status")
    return tuple(holds)
