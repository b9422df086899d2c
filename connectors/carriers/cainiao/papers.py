"""What Cainiao is sent for a label, and what its answers say; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from connectors.carriers.cainiao.codes import CHANNELS, OTHER_CHANNEL, is_unknown_number, reason_of
from connectors.contract.errors import BadRecord, Refused
from connectors.contract.labels import Label, LabelNotice, NumbersLeft, ReceiverMasked, Sender
from connectors.contract.records import ReceiverRecord

#: What an order's number may consist of; others are told by our own number.
ORDER_NO: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_ORDERS, MOST_ITEMS = 100, 100
#: Settings of a contract that the request takes as they are.
TERMS: Final = ("customer_code", "product_code", "shipping_branch_code", "brand_code", "resource_code")
OBJECT: Final = "1"
#: What stands for a masked receiver: Taobao's token, and that of other platforms which Cainiao encrypts for.
TOKENS: Final = frozenset({"oaid", "caid"})
STARRED = "Cainiao cannot open this masked receiver: take another carrier, or a warehouse whose system can"


def package_id(number: str) -> str:
    """Our key as Cainiao takes it: letters, digits, underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "_", number)


def order_nos(notice_nos: tuple[str, ...], number: str) -> list[str]:
    """The orders a number is keyed by: the platform's, or ours where those have other characters."""
    fit = [no for no in notice_nos[:MOST_ORDERS] if ORDER_NO.fullmatch(no)]
    return fit if fit and len(fit) == len(notice_nos[:MOST_ORDERS]) else [number]


def application(notice: LabelNotice, cp_code: str, user_id: str) -> dict[str, Any]:
    """The one big parameter of cainiao.waybill.ii.get."""
    wish = {
        "object_id": OBJECT,
        "order_info": {
            "order_channels_type": CHANNELS.get(notice.platform, OTHER_CHANNEL),
            "trade_order_list": order_nos(notice.order_nos, notice.number),
        },
        "package_info": package(notice),
        "recipient": recipient(notice),
        "template_url": notice.template_url,
        "user_id": _user(user_id),
    }
    if notice.collect_amount:
        wish["logistics_services"] = _cash_service(notice)
    return {
        "cp_code": cp_code,
        "sender": sender(notice.sender),
        "trade_order_info_dtos": [wish],
        "need_encrypt": True,
        **{name: notice.terms[name] for name in TERMS if notice.terms.get(name)},
    }


def change(notice: LabelNotice, cp_code: str) -> dict[str, Any]:
    """The one big parameter of cainiao.waybill.ii.update: only the receiver, for that is what changes."""
    return {
        "cp_code": cp_code,
        "waybill_code": notice.waybill_no,
        "object_id": OBJECT,
        "recipient": recipient(notice),
        "template_url": notice.template_url,
    }


def package(notice: LabelNotice) -> dict[str, Any]:
    """What is in the package; the id keeps a second package of the same orders apart."""
    items = [{"name": item.name[:50] or "商品", "count": item.units} for item in notice.items[:MOST_ITEMS]]
    found: dict[str, Any] = {"id": package_id(notice.number), "items": items or [{"name": "商品", "count": 1}]}
    if notice.weight_g:
        found["weight"] = notice.weight_g
    if notice.items:
        found["goods_description"] = notice.items[0].name[:20]
    return found


def sender(who: Sender) -> dict[str, Any]:
    """The registered place it is collected from."""
    if not who.name or not who.phone or not who.province or not who.street:
        raise Refused("fill in the sender of this stock point and carrier", code="sender")
    number = {"mobile": who.phone} if len(who.phone) == 11 and who.phone.isdigit() else {"phone": who.phone}
    place = {"province": who.province, "city": who.city, "district": who.district, "town": who.town}
    return {"name": who.name, **number, "address": {**_filled(place), "detail": who.street}}


def recipient(notice: LabelNotice) -> dict[str, Any]:
    """Who it goes to; of a masked one the platform's token is what counts.

    Of one that was typed in anew the token would bring the old one back.
    """
    who = notice.receiver
    token = next(((name, who.tokens[name]) for name in ("oaid", "caid") if who.tokens.get(name)), None)
    if who.masked and token is None:
        raise ReceiverMasked(STARRED)
    place = {"province": who.state, "city": who.city, "district": who.district, "town": who.town}
    found: dict[str, Any] = {
        "name": who.name,
        **_filled({"mobile": who.phone, "phone": who.telephone}),
        "address": {**_filled(place), "detail": who.address},
    }
    if who.masked and token is not None:
        found |= {token[0]: token[1], "tid": notice.token_order_no}
    return found


def place_of(who: ReceiverRecord) -> dict[str, str]:
    """An address as the question about reach wants it."""
    return _filled({
        "province_name": who.state, "city_name": who.city, "area_name": who.district, "town_name": who.town,
        "address_detail": who.address,
    })  # fmt: skip


def label_in(answer: Mapping[str, Any]) -> Label:
    """The one number of a get's answer; BadRecord when there is none in it."""
    rows = _rows(answer.get("modules"), "waybill_cloud_print_response")
    row = next((row for row in rows if str(row.get("object_id", OBJECT)) == OBJECT), None)
    if row is None or not row.get("waybill_code"):
        raise BadRecord("is missing", field="waybill_code")
    return _label(row)


def label_found(answer: Mapping[str, Any]) -> Label | None:
    """The number of a query's answer, None when there is none."""
    for row in _rows(answer.get("modules"), "waybill_cloud_print_with_result_desc_response"):
        inner = row.get("waybill_cloud_print_response")
        code, words = str(row.get("error_code") or ""), str(row.get("error_message") or "")
        if isinstance(inner, dict) and inner.get("waybill_code") and row.get("success") is not False:
            if not is_unknown_number(code, words):
                return _label(inner)
        elif row.get("success") is False and not is_unknown_number(code, words):
            raise (reason_of(code, words) or Refused)(words or "the look-up was refused", code=code)
    return None


def numbers_in(answer: Mapping[str, Any]) -> tuple[NumbersLeft, ...]:
    """What is left of each carrier's numbers; directly run carriers (types 1 and 4) do not count them."""
    found = []
    for row in _rows(answer.get("waybill_apply_subscription_cols"), "waybill_apply_subscription_info"):
        branches = _rows(row.get("branch_account_cols"), "waybill_branch_account")
        is_counted = row.get("cp_type") not in (1, 4, "1", "4")
        total = sum(int(branch.get("quantity") or 0) for branch in branches)
        code = str(branches[0].get("branch_code") or "") if len(branches) == 1 else ""
        found.append(NumbersLeft(str(row.get("cp_code", "")), total if is_counted else None, code))
    return tuple(found)


def _label(row: Mapping[str, Any]) -> Label:
    return Label(str(row["waybill_code"]), str(row.get("print_data") or ""), str(row.get("parent_waybill_code") or ""))


def _rows(tree: Any, wrapper: str) -> list[dict[str, Any]]:
    """The objects of a list, which the gateway wraps in an object named after their type."""
    if isinstance(tree, dict):
        tree = tree.get(wrapper) if wrapper in tree else next(iter(tree.values()), None)
    return [row for row in tree if isinstance(row, dict)] if isinstance(tree, list) else []


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _user(user_id: str) -> int | str:
    return int(user_id) if user_id.isdigit() else user_id


def _cash_service(notice: LabelNotice) -> str:
    """Cash on delivery as a service of the label; the amount in yuan."""
    yuan = f"{notice.collect_amount // 100}.{notice.collect_amount % 100:02d}"
    return f'{{"SVC-COD":{{"value":"{yuan}"}}}}'
