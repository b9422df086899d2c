"""The calls about trades and refunds: which lists there are, details, merging, decrypting, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.contract.asking import whole_groups
from connectors.contract.errors import Refused, Retryable
from connectors.contract.notices import MergeCandidate, Receipt
from connectors.contract.records import RawDocument, ReceiverRecord
from connectors.marketplaces.taobao import cases, codes
from connectors.marketplaces.taobao.client import Top
from connectors.marketplaces.taobao.reading import Json, required, rows, soft_moment, text, unwrapped
from connectors.marketplaces.taobao.windows import Listing

MERGE_LIMIT = 100

_TYPES = ",".join(codes.TRADE_TYPES)
_ROW = "tid,tid_str,status,type,modified"

CHANGED = Listing("taobao.trades.sold.increment.get", "start_modified", "end_modified", "trades", "tid", _ROW, _TYPES)
CREATED = Listing("taobao.trades.sold.get", "start_created", "end_created", "trades", "tid", _ROW, _TYPES)
REFUNDS = Listing(
    "taobao.refunds.receive.get",
    "start_modified",
    "end_modified",
    "refunds",
    "refund_id",
    "refund_id,tid,oid,status,modified",
    _TYPES,
)

#: Everything parse_order reads; the OAID comes only together with the receiver's fields and `created`.
FIELDS = (
    "tid tid_str status type title seller_nick buyer_nick buyer_open_uid created pay_time modified consign_time "
    "end_time payment post_fee total_fee discount_fee adjust_fee received_payment cod_fee buyer_cod_fee "
    "seller_cod_fee coupon_fee alipay_point propoint platform_subsidy_fee tmall_coupon_fee paid_coupon_fee "
    "alipay_no num num_iid price cod_status step_trade_status step_paid_fee shipping_type trade_from buyer_message "
    "seller_memo seller_flag receiver_name receiver_country receiver_state receiver_city receiver_district "
    "receiver_town receiver_address receiver_zip receiver_mobile receiver_phone oaid lm is_part_consign is_sh_ship "
    "top_hold team_buy_hold share_group_hold ofp_hold forbid_consign rx_audit_status delivery_time collect_time "
    "sign_time est_con_time send_time logistics_infos logistics_agreement orders promotion_details service_orders "
    "service_tags"
).replace(" ", ",")


def get_order(top: Top, order_no: str, now: datetime) -> RawDocument:
    """A trade's document as it came."""
    body, answer = top.read_raw("taobao.trade.fullinfo.get", tid=order_no, fields=FIELDS, include_oaid="true")
    return _document("order", order_no, body, answer.get("trade"), now)


def get_case(top: Top, case_no: str, now: datetime) -> RawDocument:
    """A refund's document as it came."""
    body, answer = top.read_raw("taobao.refund.get", refund_id=case_no, fields=cases.FIELDS)
    return _document("case", case_no, body, answer.get("refund"), now)


def merge_groups(top: Top, candidates: Sequence[MergeCandidate]) -> list[frozenset[str]]:
    """Groups of two and more that may ship as one; orders without an OAID are in none.

    The platform compares at most 100 in a call, so those that could merge are asked about in the same one.
    """
    known = [candidate for candidate in candidates if candidate.tokens.get("oaid")]
    groups: list[frozenset[str]] = []
    for together in whole_groups(known, MERGE_LIMIT, lambda candidate: candidate.group):
        asked = [{"oaid": candidate.tokens["oaid"], "tid": candidate.order_no} for candidate in together]
        answer = top.read("taobao.top.oaid.merge", merge_list=asked)
        told = (frozenset(str(group).split(",")) for group in unwrapped(answer.get("tid_list")))
        groups.extend(group for group in told if len(group) > 1)
    return groups


def decrypt_receiver(top: Top, order_no: str, tokens: Mapping[str, str], scene: str) -> ReceiverRecord:
    """The person behind an OAID; Refused when the address has changed since it was read."""
    oaid = tokens.get("oaid")
    if not oaid:
        raise Refused("this order has no OAID; read it again")
    query = [{"oaid": oaid, "tid": order_no, "scene": codes.SCENES.get(scene, scene)}]
    answer = top.read("taobao.top.oaid.decrypt", query_list=query)
    found = rows(answer.get("receiver_list"), "receiver_list")
    if not found or found[0].get("matched") in (False, "false"):
        raise Refused("the address has changed since it was read; read the order again", code="oaid-mismatch")
    return _plain(found[0])


def cancel_order(top: Top, order_no: str, words: str) -> Receipt:
    """Close an unpaid trade."""
    top.write("taobao.trade.close", tid=order_no, close_reason=words)
    return Receipt(order_no)


def _plain(person: Json) -> ReceiverRecord:
    return ReceiverRecord(
        name=text(person, "name"),
        phone=text(person, "mobile"),
        telephone=text(person, "phone"),
        state=text(person, "state"),
        city=text(person, "city"),
        district=text(person, "district"),
        town=text(person, "town"),
        address=text(person, "address_detail"),
    )


def _document(kind: str, number: str, body: bytes, found: object, now: datetime) -> RawDocument:
    if not isinstance(found, dict):
        raise Retryable("the platform answered without the document", code="not-an-answer")
    told = required(found, "tid" if kind == "order" else "refund_id")
    if told != number:
        raise Retryable("the platform answered with another document", code="not-an-answer")
    return RawDocument(kind, number, body, now, soft_moment(found, "modified"))
