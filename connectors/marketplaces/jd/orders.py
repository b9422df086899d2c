"""Parses JD's order document to a normalised order. Pure; no calls, no clock.

Documents are `{"encrypted": …, "orderInfo": {…}}` as `lists` cuts them out of an answer, or a whole answer.
"""

from __future__ import annotations

from typing import Any

from connectors.contract.errors import BadRecord
from connectors.contract.records import (
    BuyerRecord,
    Fulfiller,
    InvoiceRecord,
    LineRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    ReceiverRecord,
    RefundState,
)
from connectors.marketplaces.jd import codes
from connectors.marketplaces.jd.amounts import Amounts, amounts_of, free_of_charge
from connectors.marketplaces.jd.reading import (
    Json,
    code,
    found_under,
    moment,
    needed_moment,
    required,
    rows,
    soft_moment,
    text,
    tree_of,
    whole,
)

FREIGHT, FEE = "freight", "service_fee"
NO_INVOICE = "不需要开具发票"
PRESALE = "预售"
_PRIVATE = ("fullname", "mobile", "telephone", "fullAddress")
_TOKENS = ("name", "phone", "telephone", "address")
_EXCHANGES = frozenset({"1", "2"})


def parse_order(body: bytes) -> OrderRecord:
    """The order in a document; BadRecord names the field at fault."""
    tree = tree_of(body, "orderInfo")
    order = found_under(tree, "orderInfo")
    if not isinstance(order, dict):
        raise BadRecord("there is no orderInfo object in the document", field="orderInfo")
    return order_of(order, is_encrypted(tree))


def is_encrypted(tree: Json) -> bool:
    """Whether a document comes from the calls that give receivers as ciphertext."""
    return tree.get("encrypted") is True or any("_enGet_" in root or "_enSearch_" in root for root in tree)


def order_of(order: Json, encrypted: bool) -> OrderRecord:
    """The order in an orderInfo object."""
    number = required(order, "orderId")
    items = rows(order.get("itemInfoList"), "itemInfoList")
    if not items:
        raise BadRecord("an order needs at least one line", field="itemInfoList")
    line_nos = line_numbers(number, items)
    is_free = code(order, "returnOrder") in _EXCHANGES
    amounts = free_of_charge(items) if is_free else amounts_of(order, items, line_nos)
    alerts = list(amounts.alerts)
    status, waybill = text(order, "orderState"), text(order, "waybill")
    state = _state(status, waybill, alerts)
    pay_type = code(order, "payType")
    is_cod = pay_type == "1" and not is_free
    created = needed_moment(order, "orderStartTime")
    paid_at = moment(order, "paymentConfirmTime") or (None if is_cod else created)
    pin = text(order, "pin")
    return OrderRecord(
        external_no=number,
        state=state,
        platform_status=status,
        created_at=created,
        changed_at=needed_moment(order, "modified"),
        currency="CNY",
        paid_total=amounts.total,
        buyer=BuyerRecord(text(order, "open_id_buyer") or text(order, "xid_buyer") or pin, pin),
        receiver=receiver_of(order, encrypted),
        lines=_lines(order, items, line_nos, amounts, state, alerts),
        payments=_payments(amounts, is_cod, paid_at, created) if not is_free else (),
        promotions=amounts.promotions,
        paid_at=paid_at,
        is_cod=is_cod,
        is_presale=PRESALE in text(order, "orderMarkDesc"),
        buyer_message=text(order, "orderRemark"),
        seller_memo=text(order, "venderRemark"),
        ship_by=soft_moment(order, "scDT"),
        platform_holds=_holds(status),
        invoice=_invoice(order, alerts),
        alerts=tuple(alerts),
    )


def line_numbers(order_no: str, items: list[Json]) -> list[str]:
    """JD numbers no lines: order and SKU name one, and a SKU's second line (a gift of it) is told apart."""
    numbers: list[str] = []
    seen: dict[str, int] = {}
    for item in items:
        number = f"{order_no}-{required(item, 'skuId')}"
        seen[number] = times = seen.get(number, 0) + 1
        numbers.append(number if times == 1 else f"{number}-{times}")
    return numbers


def receiver_of(order: Json, encrypted: bool) -> ReceiverRecord:
    """The receiver; ciphertext is no name or street, so it is kept as tokens only."""
    person = order.get("consigneeInfo") or {}
    if not isinstance(person, dict):
        raise BadRecord("this is not an object", field="consigneeInfo")
    private = [text(person, name) for name in _PRIVATE]
    tokens: dict[str, str] = {}
    if encrypted:
        tokens = {name: value for name, value in zip(_TOKENS, private, strict=True) if value}
        private = [""] * len(_PRIVATE)
    name, mobile, telephone, address = private
    return ReceiverRecord(
        name=name,
        phone=mobile,
        telephone=telephone,
        country="",
        state=text(person, "province"),
        city=text(person, "city"),
        district=text(person, "county"),
        town=text(person, "town"),
        address=address,
        masked=encrypted or "*" in name or "*" in mobile or "*" in address,
        tokens=tokens,
    )


def _state(status: str, waybill: str, alerts: list[str]) -> OrderState:
    """An unknown status is open and held; what waits or is locked with a waybill has left before."""
    state = codes.STATES.get(status)
    if state is None:
        alerts.append(f"orderState={status:.40}")
        state = OrderState.OPEN
    if state is OrderState.OPEN and waybill and (status in codes.HOLDS or status not in codes.STATES):
        return OrderState.SHIPPED
    return state


def _holds(status: str) -> tuple[str, ...]:
    if status not in codes.STATES:
        return ("unknown_status",)
    return (status,) if status in codes.HOLDS else ()


def _lines(
    order: Json, items: list[Json], line_nos: list[str], amounts: Amounts, state: OrderState, alerts: list[str]
) -> tuple[LineRecord, ...]:
    order_type, waybill = code(order, "orderType"), text(order, "waybill")
    carrier = _carriers(text(order, "logisticsId")) if waybill else ""
    if order_type and order_type not in codes.ORDER_TYPES:
        alerts.append(f"orderType={order_type:.40}")
    by_platform = order_type in codes.PLATFORM_SHIPS or bool(text(order, "storeOrder"))
    fulfiller = Fulfiller.PLATFORM if by_platform else Fulfiller.US
    kind = "service" if order_type in codes.SERVICES else "goods"
    # A locked order waits for the seller's answer to a refund of all its lines.
    is_locked = text(order, "orderState") == codes.LOCKED and state is OrderState.OPEN
    refund = RefundState.ASKED if is_locked else RefundState.NONE
    lines = []
    for number, item, share in zip(line_nos, items, amounts.shares, strict=True):
        lines.append(
            LineRecord(
                number,
                text(item, "wareId"),
                text(item, "skuId"),
                text(item, "outerSkuId"),
                text(item, "skuName"),
                whole(item, "itemTotal"),
                share.listed,
                share.paid,
                discount_merchant=share.merchant,
                discount_platform=share.platform,
                discount_coin=share.coin,
                tax_amount=share.tax,
                tax_included=not share.tax,
                kind=kind,
                state=state,
                refund=refund,
                is_gift=not share.listed and len(items) > 1,
                fulfiller=fulfiller,
                waybill_no=waybill,
                carrier=carrier,
            )
        )
    charges = ((FREIGHT, "freight", "运费", amounts.freight), (FEE, "fee", "服务费", amounts.fee))
    for number, sort, title, amount in charges:
        if amount:
            lines.append(LineRecord(number, "", "", "", title, 1, amount, amount, kind=sort, state=state))
    return tuple(lines)


def _carriers(ids: str) -> str:
    """The hub's carrier codes; a company we do not know stays as JD's number. Several are joined as the waybills are."""
    return "|".join(dict.fromkeys(codes.COMPANIES.get(id_, id_) for id_ in ids.split("|")))


def _payments(amounts: Amounts, is_cod: bool, paid_at: Any, created: Any) -> tuple[PaymentRecord, ...]:
    """What is due and, beside it, what a balance at JD paid with the order."""
    kind = PaymentKind.COD if is_cod else PaymentKind.ONLINE
    due = PaymentRecord(kind, amounts.due, paid_at)
    if not amounts.balance:
        return (due,)
    return (due, PaymentRecord(PaymentKind.ONLINE, amounts.balance, paid_at or created, "balance"))


def _invoice(order: Json, alerts: list[str]) -> InvoiceRecord | None:
    asked = order.get("invoiceEasyInfo")
    if not isinstance(asked, dict) or not text(asked, "invoiceType"):
        return _invoice_in_words(text(order, "invoiceInfo"), text(order, "invoiceCode"))
    kind, title, tax_no = code(asked, "invoiceType"), text(asked, "invoiceTitle"), text(asked, "invoiceCode")
    if kind == "0":
        return None
    if kind == "2":
        vat = order.get("vatInfo")
        number = text(vat, "vatNo") if isinstance(vat, dict) else ""
        return InvoiceRecord(title, "special", number or tax_no, "paper")
    if kind not in ("1", "3"):
        alerts.append(f"invoiceType={kind:.40}")
    return InvoiceRecord(title, "company" if tax_no else "personal", tax_no, "paper" if kind == "1" else "electronic")


def _invoice_in_words(words: str, tax_no: str) -> InvoiceRecord | None:
    """Older orders say it in a sentence: "发票类型:电子发票;发票抬头:个人;发票内容:商品明细;"."""
    if not words or words == NO_INVOICE:
        return None
    title = words.partition("发票抬头:")[2].partition(";")[0]
    medium = "electronic" if "电子" in words else "paper"
    return InvoiceRecord(title or words, "company" if tax_no else "personal", tax_no, medium)
