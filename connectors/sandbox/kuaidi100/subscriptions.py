"""POST /poll: a subscription is checked and kept; every refusal has the platform's code."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox.kuaidi100.codes import COMPANIES, NEEDS_PHONE, companies_of
from connectors.sandbox.kuaidi100.road import Road, now_text


class Refusal(Exception):
    """The platform says no; `code` is its returnCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


def subscribe(road: Road, form: Mapping[str, str]) -> None:
    """Keep a subscription and let the parcel set out; Refusal says why not."""
    param = _param(form)
    _check_key(road, str(param.get("key", "")))
    wishes = param.get("parameters")
    if not isinstance(wishes, dict) or not _is_address(str(wishes.get("callbackurl", ""))):
        raise Refusal("700", "callbackurl不合法")
    number = _number(param)
    company = _company(road, param, wishes, number)
    _check_phone(company, wishes)
    with road.storage.write():
        _check_repeats(road, number)
        salt = wishes.get("salt")
        road.storage.execute(
            "insert into subscription (number, company, callback, salt, resultv2, at) values (?, ?, ?, ?, ?, ?)",
            (number, str(param.get("company", "")), wishes["callbackurl"], None if salt is None else str(salt),
             str(wishes.get("resultv2", "0")), now_text()),
        )  # fmt: skip
        known = road.parcel(number)
        road.start(number, company, str(param.get("from", "")), str(param.get("to", "")))
        if known is not None and (road.events(number) or known["ended"]):
            road.tell(number)


def check_phone(company: str, phone: str) -> bool:
    """Whether the phone suffices for the company: some want at least the last four digits."""
    return company not in NEEDS_PHONE or re.search(r"\d{4}$", phone) is not None


def _param(form: Mapping[str, str]) -> dict[str, Any]:
    if form.get("schema") != "json":
        raise Refusal("700", "schema应为json")
    try:
        param = json.loads(form.get("param", ""))
    except ValueError:
        raise Refusal("700", "param不是合法的JSON") from None
    if not isinstance(param, dict):
        raise Refusal("700", "param不是合法的JSON对象")
    return param


def _check_key(road: Road, key: str) -> None:
    if key in road.settings.expired_keys:
        raise Refusal("601", "KEY已过期或单量不足")
    if key != road.settings.key:
        raise Refusal("600", "您不是合法的订阅者(授权KEY错误)")


def _number(param: Mapping[str, Any]) -> str:
    number = str(param.get("number", "")).strip()
    if not number or len(number) > 32:
        raise Refusal("700", "number不能为空且不超过32位")
    if not re.fullmatch(r"[A-Za-z0-9-]{6,32}", number):
        raise Refusal("702", "无法识别该单号")
    return number


def _company(road: Road, param: Mapping[str, Any], wishes: Mapping[str, Any], number: str) -> str:
    company = str(param.get("company", ""))
    is_detected = str(wishes.get("autoCom", "0")) == "1"
    looks_like = companies_of(number)
    if not company and not is_detected:
        raise Refusal("700", "company不能为空")
    if company in road.settings.refused_companies:
        raise Refusal("701", "拒绝订阅的快递公司")
    if is_detected and looks_like and company not in looks_like:
        return looks_like[0]
    if company not in COMPANIES:
        raise Refusal("702", "识别不到该单号对应的快递公司")
    return company


def _check_phone(company: str, wishes: Mapping[str, Any]) -> None:
    if not check_phone(company, str(wishes.get("phone", ""))):
        raise Refusal("700", "phone不能为空:顺丰须提供收寄件人电话后四位")


def _check_repeats(road: Road, number: str) -> None:
    active = road.storage.scalar("select count(*) from subscription where number = ? and is_active = 1", (number,))
    if active:
        raise Refusal("501", "重复订阅")
    month = now_text()[:7]
    this_month = road.storage.scalar(
        "select count(*) from subscription where number = ? and at like ?", (number, f"{month}%")
    )
    if this_month >= road.settings.monthly_subscriptions:
        raise Refusal("700", f"同一单号每月最多订阅{road.settings.monthly_subscriptions}次")


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
