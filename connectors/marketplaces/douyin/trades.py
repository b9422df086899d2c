"""The calls about shop orders and after-sales: which lists there are, details, merging, decrypting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from connectors.contract.errors import Refused, Retryable
from connectors.contract.notices import MergeCandidate
from connectors.contract.records import (
    CreatedPage,
    ListedOrder,
    Page,
    RawDocument,
    ReceiverRecord,
    Reference,
)
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.lines import known_status
from connectors.marketplaces.douyin.orders import ROOT
from connectors.marketplaces.douyin.reading import Json, number_text, part, required, rows, soft_moment, text, whole
from connectors.marketplaces.douyin.windows import Listing, Stretch

CHANGED = Listing(
    "order/searchList",
    "update_time_start",
    "update_time_end",
    (("order_asc", True), ("order_by", "update_time")),
    "shop_order_list",
    "update_time",
)
CREATED = Listing(
    "order/searchList",
    "create_time_start",
    "create_time_end",
    (("order_asc", True), ("order_by", "create_time")),
    "shop_order_list",
    "create_time",
)
CASES = Listing(
    "afterSale/List",
    "update_start_time",
    "update_end_time",
    (("order_by", ["update_time asc"]),),
    "items",
    "update_time",
    holder="aftersale_info",
)

#: The ciphertexts of a receiver, in the order they are asked for.
_CIPHERS = ("name", "phone", "address")


def documents_page(stretch: Stretch, now: datetime) -> Page:
    """The list's orders as documents: a row lacks nothing of the detail but the names of promotions."""
    found = tuple(
        RawDocument("order", required(row, "order_id"), orjson.dumps({ROOT: row}), now, soft_moment(row, "update_time"))
        for row in stretch.rows
    )
    return Page(stretch.cursor, stretch.more, documents=found)


def references_page(stretch: Stretch) -> Page:
    """The list's after-sales as references: their reasons, pictures and return parcels stand in the detail."""
    records = [CASES.record(row) for row in stretch.rows]
    found = tuple(Reference(required(case, "aftersale_id"), soft_moment(case, "update_time")) for case in records)
    return Page(stretch.cursor, stretch.more, references=found)


def created_page(stretch: Stretch) -> CreatedPage:
    """Orders by time of creation."""
    found = tuple(
        ListedOrder(
            required(row, "order_id"),
            soft_moment(row, "create_time"),
            soft_moment(row, "update_time"),
            codes.STATES.get(known_status(row)),
        )
        for row in stretch.rows
    )
    return CreatedPage(stretch.cursor, stretch.more, found)


def get_order(doudian: Doudian, order_no: str) -> RawDocument:
    """A shop order's document as it came."""
    body, answer = doudian.read_raw("order/orderDetail", shop_order_id=order_no)
    order = _found(answer, ROOT, "order_id", order_no)
    return RawDocument("order", order_no, body, doudian.clock(), soft_moment(order, "update_time"))


def read_order(doudian: Doudian, order_no: str) -> Json:
    """A shop order, read now."""
    return _found(doudian.read("order/orderDetail", shop_order_id=order_no), ROOT, "order_id", order_no)


def get_case(doudian: Doudian, case_no: str) -> RawDocument:
    """An after-sale's document as it came."""
    body, answer = doudian.read_raw("afterSale/Detail", after_sale_id=case_no)
    case = _found(part(answer, "process_info"), "after_sale_info", "after_sale_id", case_no)
    return RawDocument("case", case_no, body, doudian.clock(), soft_moment(case, "update_time"))


def merge_groups(candidates: Sequence[MergeCandidate]) -> list[frozenset[str]]:
    """Groups of two and more that go to one person at one address: equal open_address_id means that."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        address = candidate.tokens.get("open_address_id")
        if address:
            groups[address].add(candidate.order_no)
    return [frozenset(group) for group in groups.values() if len(group) > 1]


def decrypt_receiver(doudian: Doudian, order_no: str, tokens: Mapping[str, str]) -> ReceiverRecord:
    """The person behind the ciphertexts, a virtual number as "number-extension"; counts against a daily quota."""
    asked = {name: tokens[name] for name in _CIPHERS if tokens.get(name)}
    if not asked:
        raise Refused("this order has no ciphertexts; read it again")
    ciphers = [{"auth_id": order_no, "cipher_text": cipher} for cipher in asked.values()]
    answer = doudian.read("order/batchDecrypt", cipher_infos=ciphers)
    failure = part(answer, "custom_err")
    if whole(failure, "err_code"):
        raise Refused("the platform decrypts nothing for this order now", code=str(whole(failure, "err_code")))
    plain = {}
    for row in rows(answer, "decrypt_infos"):
        if whole(row, "err_no"):
            raise Refused("a ciphertext was not decrypted; read the order again", code=str(whole(row, "err_no")))
        plain[text(row, "cipher_text")] = _plain(row)
    found = {name: plain.get(cipher, "") for name, cipher in asked.items()}
    return ReceiverRecord(name=found.get("name", ""), phone=found.get("phone", ""), address=found.get("address", ""))


def _plain(row: Json) -> str:
    told = text(row, "decrypt_text")
    if told or row.get("is_virtual_tel") is not True:
        return told
    return f"{text(row, 'phone_no_a')}-{text(row, 'phone_no_b')}"


def _found(answer: Json, name: str, number: str, wanted: str) -> Json:
    found = answer.get(name)
    if not isinstance(found, dict):
        raise Retryable("the platform answered without the document", code="not-an-answer")
    if number_text(found, number) != wanted.removesuffix("A"):
        raise Retryable("the platform answered with another document", code="not-an-answer")
    return found
