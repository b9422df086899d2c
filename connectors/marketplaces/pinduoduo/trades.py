"""The calls about orders and cases: which lists there are, details, merging, decrypting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import orjson

from connectors.contract.asking import whole_groups
from connectors.contract.errors import BadRecord, Refused, Retryable
from connectors.contract.notices import MergeCandidate
from connectors.contract.records import ListedOrder, RawDocument, ReceiverRecord, Reference
from connectors.marketplaces.pinduoduo import codes
from connectors.marketplaces.pinduoduo.cases import case_no, key_of
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.reading import Json, fen, required, rows, soft_moment, text
from connectors.marketplaces.pinduoduo.windows import Listing

MERGE_LIMIT = 100
_ALL = {"order_status": 5, "refund_status": 5}

CHANGED = Listing(
    "pdd.order.number.list.increment.get",
    "order_sn_increment_get_response",
    "start_updated_at",
    "end_updated_at",
    "order_sn_list",
    {**_ALL, "is_lucky_flag": 0},
)
CONFIRMED = Listing(
    "pdd.order.basic.list.get",
    "order_basic_list_get_response",
    "start_confirm_at",
    "end_confirm_at",
    "order_list",
    _ALL,
)
REFUNDS = Listing(
    "pdd.refund.list.increment.get",
    "refund_increment_get_response",
    "start_updated_at",
    "end_updated_at",
    "refund_list",
    {"after_sales_type": 1},
    ({"after_sales_status": 1},),
    knows_has_next=False,
)
#: What the new list tells of an order; with these a row is the whole document.
_WHOLE = ("order_sn", "created_time", "updated_at", "pay_amount", "item_list", "receiver_name_mask")


def with_parts(listing: Listing, field: str, values: str) -> Listing:
    """The list asked once for every value of `field`, given as "1" or "2,3,4"; without values as it is."""
    wanted = [value.strip() for value in values.split(",") if value.strip()]
    return replace(listing, parts=tuple({field: value} for value in wanted)) if wanted else listing


def captured(found: Sequence[Json], now: datetime) -> tuple[tuple[RawDocument, ...], tuple[Reference, ...]]:
    """Rows that are whole orders as documents, the others as references; older applications get numbers only."""
    documents, references = [], []
    for row in found:
        number, changed = required(row, "order_sn", "order_sn_list"), soft_moment(row, "updated_at")
        if all(row.get(field) for field in _WHOLE):
            documents.append(RawDocument("order", number, orjson.dumps({"order_info": row}), now, changed))
        else:
            references.append(Reference(number, changed))
    return tuple(documents), tuple(references)


def cases_of(found: Sequence[Json]) -> tuple[Reference, ...]:
    """References to cases; only their details tell pictures, words and what an exchange wants."""
    return tuple(
        Reference(
            case_no(required(row, "id", "refund_list"), required(row, "order_sn", "refund_list")),
            soft_moment(row, "updated_time"),
        )
        for row in found
    )


def listed(row: Json) -> ListedOrder:
    """An order of the list by confirmation; the moment of the deal stands for its creation."""
    return ListedOrder(
        required(row, "order_sn", "order_list"),
        soft_moment(row, "confirm_time"),
        soft_moment(row, "updated_at"),
        None,
        fen(row, "pay_amount") if row.get("pay_amount") not in (None, "") else None,
    )


def order_of(pop: Pop, order_no: str) -> tuple[bytes, Json]:
    """An order's answer as it came, and the order in it."""
    body, answer = pop.read_raw("pdd.order.information.get", "order_info_get_response", order_sn=order_no)
    order = answer.get("order_info")
    if not isinstance(order, dict):
        raise Retryable("the platform answered without the document", code="not-an-answer")
    if text(order, "order_sn") != order_no:
        raise Retryable("the platform answered with another document", code="not-an-answer")
    return body, order


def get_order(pop: Pop, order_no: str) -> RawDocument:
    """An order's document as it came."""
    body, order = order_of(pop, order_no)
    return RawDocument("order", order_no, body, pop.clock(), soft_moment(order, "updated_at"))


def get_case(pop: Pop, number: str) -> RawDocument:
    """A case's document as it came; the platform answers it without a root."""
    key = key_of(number)
    body, case = pop.read_raw("pdd.refund.information.get", "", order_sn=key.order_no, after_sales_id=int(key.case_id))
    try:
        is_it = text(case, "id") == key.case_id and text(case, "order_sn") == key.order_no
    except BadRecord:
        is_it = False
    if not is_it:
        raise Retryable("the platform answered with another document", code="not-an-answer")
    return RawDocument("case", number, body, pop.clock(), soft_moment(case, "updated_time"))


def merge_groups(pop: Pop, candidates: Sequence[MergeCandidate]) -> list[frozenset[str]]:
    """Groups of two and more that may ship as one, by the platform's word.

    It compares at most 100 in a call, so orders to one address are asked about together.
    """
    known = sorted((c for c in candidates if c.tokens.get("open_address_id")), key=_by_address)
    groups: list[frozenset[str]] = []
    for together in whole_groups(known, MERGE_LIMIT, lambda candidate: candidate.tokens["open_address_id"]):
        asked = [{"order_sn": candidate.order_no} for candidate in together]
        if len(asked) < 2:
            continue
        answer = pop.read("pdd.order.merge.ship.order.group", "merge_ship_order_group_response", order_list=asked)
        groups.extend(_told_groups(answer))
    return groups


def _by_address(candidate: MergeCandidate) -> tuple[str, str]:
    return candidate.tokens["open_address_id"], candidate.order_no


def _told_groups(answer: Json) -> Iterator[frozenset[str]]:
    for group in rows(answer, "order_group_list"):
        numbers = group.get("order_sn_list")
        members = frozenset(number for number in numbers or [] if isinstance(number, str))
        if len(members) > 1:
            yield members


def decrypt_receiver(pop: Pop, order_no: str, tokens: Mapping[str, str]) -> ReceiverRecord:
    """The person behind the ciphertexts; the phone may be a virtual number. Refused once they are gone."""
    asked = {name: tokens[name] for name in ("name", "phone", "address") if tokens.get(name)}
    if not asked:
        raise Refused("this order has no ciphertexts: it has shipped or is under review; read it again")
    wanted = [{"data_tag": order_no, "encrypted_data": token} for token in asked.values()]
    answer = pop.read("pdd.open.decrypt.batch", "open_decrypt_batch_response", data_list=wanted)
    plain: dict[str, str] = {}
    names = {token: name for name, token in asked.items()}
    for row in rows(answer, "data_decrypt_list"):
        if text(row, "error_code") not in ("", "0"):
            raise Refused("the platform did not decrypt the receiver; read the order again", code=text(row, "error_code"))
        name = names.get(text(row, "encrypted_data")) or codes.DECRYPTED.get(text(row, "data_type"))
        if name:
            plain[name] = text(row, "decrypted_data")
    if not plain:
        raise Retryable("the platform answered without the receiver", code="not-an-answer")
    return ReceiverRecord(name=plain.get("name", ""), phone=plain.get("phone", ""), address=plain.get("address", ""))
