"""Builds deliveryorder.create from a fulfilment notice; pure, and quick since every fulfilment passes here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.money import to_major
from connectors.contract.notices import FulfilmentLineNotice, FulfilmentNotice
from connectors.contract.records import ReceiverRecord
from connectors.warehouses.qimen.codes import CARRIER_NAMES, ORDER_TYPES
from connectors.warehouses.qimen.xml import china_time, escape, request, tag

CODE_LENGTH, NAME_LENGTH, WORDS_LENGTH = 50, 200, 500

#: Elements of senderInfo and the account settings that fill them; the starred ones are required.
SENDER_FIELDS = {
    "name": "sender_name",
    "mobile": "sender_mobile",
    "province": "sender_province",
    "city": "sender_city",
    "area": "sender_area",
    "detailAddress": "sender_address",
}
SENDER_REQUIRED = frozenset(SENDER_FIELDS) - {"area"}


def build_create(notice: FulfilmentNotice, settings: Mapping[str, str]) -> bytes:
    """The request body; BadRecord names what is missing, too long or does not add up."""
    return request(order_xml(notice, settings))


def build_batch(orders: Sequence[str]) -> bytes:
    """deliveryorder.batchcreate of orders as `order_xml` writes them."""
    return request(f"<orders>{''.join(f'<order>{one}</order>' for one in orders)}</orders>")


def order_xml(notice: FulfilmentNotice, settings: Mapping[str, str]) -> str:
    """The document of one order, alone or in a batch."""
    lines = _token_order_first(notice)
    mark = _split_mark(notice, settings)
    return (
        "<deliveryOrder>"
        + _heading(notice)
        + _amounts(notice)
        + tag("logisticsCode", required_code(notice.carrier_code, "carrier_code"))
        + tag("logisticsName", CARRIER_NAMES.get(notice.carrier_code, ""))
        + tag("expressCode", notice.waybill_no)
        + sender_xml(_sender_settings(notice, settings), notice.warehouse_code)
        + _receiver(notice.receiver)
        + "<isUrgency>N</isUrgency><invoiceFlag>N</invoiceFlag>"
        + tag("buyerMessage", notice.buyer_message[:WORDS_LENGTH])
        + tag("sellerMessage", notice.seller_memo[:WORDS_LENGTH])
        + (tag("latestCollectionTime", china_time(notice.collect_by)) if notice.collect_by else "")
        + (tag("latestDeliveryTime", china_time(notice.ship_by)) if notice.ship_by else "")
        + _token_source(notice)
        + "</deliveryOrder><orderLines>"
        + "".join([_line(line, notice, mark) for line in lines])
        + "</orderLines>"
        + _label_for_printer(notice, settings)
    )


def _label_for_printer(notice: FulfilmentNotice, settings: Mapping[str, str]) -> str:
    """The label's print data, for which Qimen has no element: under the name agreed with the warehouse, or not sent."""
    name = settings.get("print_data_key", "")
    if not name or not notice.print_data:
        return ""
    if not fits_element(name):
        raise Refused("print_data_key is no name of an element: mend it in the account's settings", code="settings")
    return f"<extendProps>{tag(name, notice.print_data)}</extendProps>"


def fits_element(name: str) -> bool:
    """Whether a name that an account's setting gives may name an element."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,49}", name, re.ASCII) is not None


def _sender_settings(notice: FulfilmentNotice, settings: Mapping[str, str]) -> Mapping[str, str]:
    """The account's sender, by the name of the partner for whom the order is sent."""
    if not notice.sender_name:
        return settings
    said = {"sender_name": notice.sender_name, "sender_mobile": notice.sender_phone}
    return {**settings, **said, **{f"{name}@{notice.warehouse_code}": value for name, value in said.items()}}


def required_code(value: str, field: str) -> str:
    """A code that must be there and fit; a cut document number could hit another document."""
    if not value:
        raise BadRecord("is missing", field=field)
    return fitting_code(value, field)


def fitting_code(value: str, field: str) -> str:
    """A code of at most 50 characters."""
    if len(value) > CODE_LENGTH:
        raise BadRecord(f"is longer than {CODE_LENGTH} characters", field=field)
    return value


def reference_code(value: str, mark: str = "") -> str:
    """A platform's own number for people to read, with a mark after it.

    Of one that does not fit the beginning is kept and a digest put behind it, so that no two become one.
    """
    if len(value) + len(mark) <= CODE_LENGTH:
        return value + mark
    digest = "~" + hashlib.sha256(value.encode()).hexdigest()[:8]
    return value[: CODE_LENGTH - len(digest) - len(mark)] + digest + mark


def sender_xml(settings: Mapping[str, str], warehouse_code: str) -> str:
    """senderInfo from the account; `sender_name@WH1` goes before `sender_name` for warehouse WH1."""
    parts = []
    for element, setting in SENDER_FIELDS.items():
        value = settings.get(f"{setting}@{warehouse_code}") or settings.get(setting, "")
        if not value and element in SENDER_REQUIRED:
            raise Refused(f"the account has no {setting}: fill it in the account's settings", code="settings")
        parts.append(tag(element, value))
    return f"<senderInfo>{''.join(parts)}</senderInfo>"


def secret_words(notice: FulfilmentNotice) -> tuple[str, ...]:
    """What of a receiver must never come back in an error; single characters would blot out everything."""
    receiver = notice.receiver
    parts = (receiver.name, receiver.phone, receiver.telephone, receiver.address, *receiver.tokens.values())
    return tuple(part for part in (*parts, notice.print_data) if len(part) > 1)


def _heading(notice: FulfilmentNotice) -> str:
    return (
        tag("deliveryOrderCode", required_code(notice.number, "number"))
        + tag("orderType", ORDER_TYPES.get(notice.kind, "QTCK"))
        + tag("warehouseCode", required_code(notice.warehouse_code, "warehouse_code"))
        + tag("orderFlag", _flags(notice))
        + tag("sourcePlatformCode", fitting_code(notice.platform, "platform"))
        + f"<createTime>{china_time(notice.created_at)}</createTime>"
        + f"<placeOrderTime>{china_time(notice.ordered_at)}</placeOrderTime>"
        + (tag("payTime", china_time(notice.paid_at)) if notice.paid_at else "")
        + tag("payNo", fitting_code(notice.payment_reference, "payment_reference"))
        # The time of the document, not of the call: a repeated call must say the same.
        + f"<operateTime>{china_time(notice.created_at)}</operateTime>"
        + f"<shopNick>{escape(_present(notice.shop_name, 'shop_name')[:NAME_LENGTH])}</shopNick>"
        + tag("buyerNick", notice.buyer_nick[:NAME_LENGTH])
    )


def _flags(notice: FulfilmentNotice) -> str:
    flags = []
    if notice.collect_amount:  # The rest of an order whose first parcel collects everything is no COD delivery.
        flags.append("COD")
    if notice.is_presale:
        flags.append("PRESELL")
    if notice.is_split:
        flags.append("SPLIT")
    if notice.kind == "exchange":
        flags.append("EXCHANGE")
    return "^".join(flags)


def _amounts(notice: FulfilmentNotice) -> str:
    """totalAmount = arAmount + gotAmount = itemAmount − discountAmount + freight, exactly."""
    total = notice.goods_amount - notice.discount_amount + notice.freight_amount
    if total != notice.collect_amount + notice.paid_amount:
        raise BadRecord("goods − discount + freight is not collect + paid", field="paid_amount")
    amounts = (
        ("totalAmount", total),
        ("itemAmount", notice.goods_amount),
        ("discountAmount", notice.discount_amount),
        ("freight", notice.freight_amount),
        ("arAmount", notice.collect_amount),
        ("gotAmount", notice.paid_amount),
    )
    if min(amount for _, amount in amounts) < 0:
        raise BadRecord("an amount is below zero", field="amounts")
    return "".join([f"<{name}>{to_major(amount, notice.currency)}</{name}>" for name, amount in amounts])


def _receiver(receiver: ReceiverRecord) -> str:
    city = receiver.city or receiver.district  # county-level cities directly under a province have none
    return (
        "<receiverInfo>"
        + tag("name", _cipher(receiver, "name") or _whole(receiver.name, "receiver.name"))
        + tag("zipCode", receiver.postcode[:CODE_LENGTH])
        + tag("tel", _cipher(receiver, "telephone") or fitting_code(receiver.telephone, "receiver.telephone"))
        + tag("mobile", _cipher(receiver, "phone") or required_code(_reached_by(receiver), "receiver.phone"))
        + tag("province", _whole(receiver.state, "receiver.state"))
        + tag("city", _whole(city, "receiver.city"))
        + tag("area", receiver.district[:NAME_LENGTH])
        + tag("town", receiver.town[:NAME_LENGTH])
        + tag("detailAddress", _cipher(receiver, "address") or _whole(receiver.address, "receiver.address"))
        + tag("oaid", _token(receiver))
        + "</receiverInfo>"
    )


def _cipher(receiver: ReceiverRecord, field: str) -> str:
    """A platform's ciphertext of the field, where the warehouse opens those instead of an OAID (JD, PDD, Douyin).

    Stars would send the parcel nowhere; the first line's order tells the warehouse with whose keys to open it.
    """
    return receiver.tokens.get(field, "") if receiver.masked and not _token(receiver) else ""


def _reached_by(receiver: ReceiverRecord) -> str:
    return receiver.phone or receiver.telephone


def _whole(value: str, field: str) -> str:
    """A name or address that must be complete: cutting it would send the parcel elsewhere."""
    if len(_present(value, field)) > NAME_LENGTH:
        raise BadRecord(f"is longer than {NAME_LENGTH} characters", field=field)
    return value


def _present(value: str, field: str) -> str:
    if not value:
        raise BadRecord("is missing", field=field)
    return value


def _token(receiver: ReceiverRecord) -> str:
    """The OAID, unless the receiver was edited in clear text: then the token would bring the old one back."""
    return receiver.tokens.get("oaid", "") if receiver.masked else ""


def _token_source(notice: FulfilmentNotice) -> str:
    """Whose OAID was sent; a re-ship has an own document, so it names none."""
    if notice.kind == "reship" or not _token(notice.receiver):
        return ""
    return tag("oaidOrderSourceCode", required_code(notice.token_order_no, "token_order_no"))


def _token_order_first(notice: FulfilmentNotice) -> list[FulfilmentLineNotice]:
    """Lines of the token's order lead: the warehouse decrypts with the first line's order."""
    if not notice.lines:
        raise BadRecord("there is no line", field="lines")
    lines = sorted(notice.lines, key=lambda line: line.order_no != notice.token_order_no)
    if _token_source(notice) and lines[0].order_no != notice.token_order_no:
        raise BadRecord("no line belongs to the order whose token is sent", field="token_order_no")
    return lines


def _split_mark(notice: FulfilmentNotice, settings: Mapping[str, str]) -> str:
    """What makes the platform's number unique per delivery of a split order; the same on every repeat."""
    separator = settings.get("split_separator") or "-"
    if not notice.is_split or separator == "none":
        return ""
    return separator + hashlib.sha256(notice.number.encode()).hexdigest()[:8]


def _line(line: FulfilmentLineNotice, notice: FulfilmentNotice, mark: str) -> str:
    if line.units < 1:
        raise BadRecord("a line needs at least one unit", field="units")
    actual, listed = _piece(line.paid_amount, line.units), _piece(line.list_amount, line.units)
    currency = notice.currency
    source = reference_code(line.order_no, mark) if line.order_no else ""
    return (
        "<orderLine>"
        + tag("orderLineNo", fitting_code(line.line_no, "line_no"))
        + tag("sourceOrderCode", source)
        + tag("subSourceOrderCode", reference_code(line.order_line_no))
        + tag("ownerCode", required_code(notice.owner_code, "owner_code"))
        + tag("itemCode", required_code(line.sku_code, "sku_code"))
        + tag("itemId", fitting_code(line.item_id, "item_id"))
        + "<inventoryType>ZP</inventoryType>"
        + tag("itemName", line.sku_name[:NAME_LENGTH])
        + f"<planQty>{line.units}</planQty>"
        + f"<retailPrice>{to_major(listed, currency)}</retailPrice>"
        + f"<actualPrice>{to_major(actual, currency)}</actualPrice>"
        + f"<discountAmount>{to_major(listed - actual, currency)}</discountAmount>"
        + _exact_total(line, actual, currency)
        + "</orderLine>"
    )


def _piece(amount: int, units: int) -> int:
    """The price of one piece, half a fen rounded up."""
    return (2 * amount + units) // (2 * units)


def _exact_total(line: FulfilmentLineNotice, actual: int, currency: str) -> str:
    """Prices have two decimals, so a line that does not divide says its true total beside them."""
    if actual * line.units == line.paid_amount:
        return ""
    return f"<extendProps><lineAmount>{to_major(line.paid_amount, currency)}</lineAmount></extendProps>"
