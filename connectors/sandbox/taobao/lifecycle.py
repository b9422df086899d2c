"""The status machine of a trade and its lines: pure changes of a trade document. No storage, no API."""

from typing import Any

from connectors.sandbox.traffic import fen, shares, yuan

Doc = dict[str, Any]
UNPAID = frozenset({"TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING", "WAIT_PRE_AUTH_CONFIRM"})
SHIPPABLE = frozenset({"WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"})
CLOSED = frozenset({"TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"})
OVER = frozenset({*CLOSED, "WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED"})
REFUND_RUNNING = frozenset({"WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS"})


class NotAllowed(Exception):
    """The trade's state forbids the change; the text says which state it is in."""


def lines_of(doc: Doc) -> list[Doc]:
    found: list[Doc] = doc["orders"]["order"]
    return found


def line_of(doc: Doc, oid: str) -> Doc:
    """The line with this number; NotAllowed when the trade has none."""
    for line in lines_of(doc):
        if line["oid_str"] == oid:
            return line
    raise NotAllowed(f"trade {doc['tid_str']} has no line {oid}")


def is_shipped(line: Doc) -> bool:
    return "consign_time" in line


def is_live(line: Doc) -> bool:
    """Whether the line is to be shipped or has been: not closed and no refund asked before shipment."""
    return is_shipped(line) or (line["status"] not in CLOSED and line["refund_status"] not in REFUND_RUNNING)


def is_held(doc: Doc) -> bool:
    """Whether the platform forbids shipping for now."""
    flags = ("top_hold", "team_buy_hold", "share_group_hold", "ofp_hold", "forbid_consign")
    return doc["status"] == "PAID_FORBID_CONSIGN" or any(doc.get(flag) for flag in flags)


def is_payable(doc: Doc) -> bool:
    """Paid (or COD, or presale with its balance paid), not held, and something of it is to ship."""
    if doc["status"] in UNPAID or doc["status"] == "TRADE_CLOSED_BY_TAOBAO" or is_held(doc):
        return False
    return any(is_live(line) for line in lines_of(doc))


def pay(doc: Doc, at: str) -> None:
    """The buyer pays the whole trade."""
    if doc["status"] not in UNPAID or doc["type"] == "step":
        raise NotAllowed(f"a {doc['type']} trade in {doc['status']} cannot be paid")
    doc["pay_time"] = at
    _set_all(doc, "WAIT_SELLER_SEND_GOODS")


def pay_balance(doc: Doc, at: str) -> None:
    """The buyer pays the balance of a presale; from now on it may ship."""
    if doc.get("step_trade_status") != "FRONT_PAID_FINAL_NOPAID" or doc["status"] in CLOSED:
        raise NotAllowed("only a presale whose balance is open takes a balance payment")
    doc["step_trade_status"] = "FRONT_PAID_FINAL_PAID"
    doc["pay_time"] = at
    _set_all(doc, "WAIT_SELLER_SEND_GOODS")


def release(doc: Doc) -> None:
    """The platform lifts its holds (group complete, risk check passed)."""
    for flag in ("top_hold", "team_buy_hold", "share_group_hold", "ofp_hold", "forbid_consign"):
        if flag in doc:
            doc[flag] = 0
    if doc["status"] == "PAID_FORBID_CONSIGN":
        _set_all(doc, "WAIT_SELLER_SEND_GOODS")


def ship(doc: Doc, oids: list[str], company: str, out_sid: str, at: str) -> None:
    """Mark lines as shipped under a waybill; the trade's status follows."""
    for oid in oids:
        line = line_of(doc, oid)
        line |= {"status": "WAIT_BUYER_CONFIRM_GOODS", "consign_time": at}
        line |= {"logistics_company": company, "invoice_no": out_sid, "shipping_type": "express"}
    doc["consign_time"] = at
    if doc["type"] == "cod":
        doc["cod_status"] = "TAKEN_IN_SUCCESS"
    derive(doc, at)


def change_waybill(doc: Doc, oids: list[str], company: str, out_sid: str) -> None:
    for oid in oids:
        line_of(doc, oid).update({"logistics_company": company, "invoice_no": out_sid})


def sign(doc: Doc) -> None:
    """A COD parcel was signed for and paid at the door."""
    if doc["type"] != "cod" or doc["status"] != "WAIT_BUYER_CONFIRM_GOODS":
        raise NotAllowed(f"a {doc['type']} trade in {doc['status']} cannot be signed for")
    doc["cod_status"] = "SIGN_IN"
    _set_shipped(doc, "TRADE_BUYER_SIGNED")


def finish(doc: Doc, at: str) -> None:
    """The buyer confirms receipt, or the time for it runs out."""
    if doc["status"] not in ("WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED"):
        raise NotAllowed(f"a trade in {doc['status']} cannot finish; ship it first")
    _set_shipped(doc, "TRADE_FINISHED")
    doc["end_time"] = at
    for line in lines_of(doc):
        if line["status"] == "TRADE_FINISHED":
            line["end_time"] = at


def close_unpaid(doc: Doc, at: str) -> None:
    """The trade is closed before payment; a presale forfeits its deposit."""
    if doc["status"] not in UNPAID:
        raise NotAllowed(f"a trade in {doc['status']} is not unpaid")
    if doc["type"] == "step":
        doc["step_trade_status"] = "FRONT_PAID_FRONT_FORFEITED"
    doc["end_time"] = at
    _set_all(doc, "TRADE_CLOSED_BY_TAOBAO")


def close_line(doc: Doc, oid: str, at: str) -> None:
    """A line was refunded: it closes, and the trade with its last line."""
    line = line_of(doc, oid)
    line |= {"status": "TRADE_CLOSED", "refund_status": "SUCCESS", "end_time": at}
    derive(doc, at)


def derive(doc: Doc, at: str) -> None:
    """The trade's status from its lines: closed lines do not count, part shipped shows as part."""
    live = [line for line in lines_of(doc) if line["status"] not in CLOSED]
    shipped = [line for line in live if is_shipped(line)]
    if not live:
        doc |= {"status": "TRADE_CLOSED", "end_time": at}
    elif shipped and len(shipped) < len(live):
        doc |= {"status": "SELLER_CONSIGNED_PART", "is_part_consign": True}
    elif shipped and doc["status"] in SHIPPABLE:
        doc["status"] = "WAIT_BUYER_CONFIRM_GOODS"


def change_quantity(doc: Doc, oid: str, num: int) -> None:
    """The seller and buyer agree on another number of pieces; all amounts follow."""
    line = line_of(doc, oid)
    if is_shipped(line) or line["status"] in CLOSED or num < 1:
        raise NotAllowed(f"line {oid} in {line['status']} cannot change to {num} pieces")
    full = fen(line["price"]) * num
    total = full + fen(line["adjust_fee"]) - fen(line["discount_fee"]) * num // int(line["num"])
    line |= {"num": num, "discount_fee": yuan(full + fen(line["adjust_fee"]) - total)}
    line["total_fee"] = line["payment"] = yuan(total)
    _price_again(doc)


def _price_again(doc: Doc) -> None:
    lines, post = lines_of(doc), fen(doc["post_fee"])
    totals = [fen(line["total_fee"]) for line in lines]
    coupon = min(fen(doc["discount_fee"]), sum(totals))
    for line, total, share in zip(lines, totals, shares(coupon, totals), strict=True):
        line |= {"part_mjz_discount": yuan(share), "divide_order_fee": yuan(total - share)}
    payment = yuan(sum(totals) - coupon + post)
    doc |= {"payment": payment, "available_confirm_fee": payment}
    doc["total_fee"] = yuan(sum(fen(line["price"]) * int(line["num"]) for line in lines))
    if len(lines) == 1:
        doc["num"] = lines[0]["num"]
        lines[0]["payment"] = payment
    _share_coupon_again(doc, lines)


def _share_coupon_again(doc: Doc, lines: list[Doc]) -> None:
    child = ";".join(f"{line['oid']}:{line['part_mjz_discount']}" for line in lines)
    for promotion in doc.get("promotion_details", {}).get("promotion_detail", []):
        if "kd_child_discount_fee" in promotion:
            promotion["kd_child_discount_fee"] = child
        elif line := next((line for line in lines if line["oid"] == promotion["id"]), None):
            promotion["discount_fee"] = line["discount_fee"]


def _set_all(doc: Doc, status: str) -> None:
    doc["status"] = status
    for line in lines_of(doc):
        if line["status"] != "TRADE_CLOSED":
            line["status"] = status


def _set_shipped(doc: Doc, status: str) -> None:
    doc["status"] = status
    for line in lines_of(doc):
        if is_shipped(line) and line["status"] not in CLOSED:
            line["status"] = status
