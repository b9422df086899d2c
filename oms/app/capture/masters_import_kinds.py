"""The tables of master rows that people bring as files: their columns, and how a row is read. Writing is beside it."""

from __future__ import annotations

from typing import Any, Final

from oms.app.capture.entered.cells import (
    Unreadable,
    read_amount,
    read_number,
    read_switch,
    read_words,
)
from oms.app.capture.entered.columns import Column
from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import_settling import SENT, SETTLEMENT
from oms.app.capture.masters_import_transit import TRANSIT
from oms.app.capture.masters_kind import EVERYWHERE, Books, Kind, read_known, read_when
from oms.domain.receivers import plain_address, plain_phone

LARGEST: Final = 10**9
SIZES: Final = {"小": "small", "中": "medium", "大": "large", "small": "small", "medium": "medium", "large": "large",
                "小件": "small", "中件": "medium", "大件": "large", "大家电": "large"}  # fmt: skip
LISTED: Final = {"电话": "phone", "手机": "phone", "phone": "phone", "地址": "address", "address": "address",
                 "买家": "buyer", "买家号": "buyer", "buyer": "buyer"}  # fmt: skip


NO_SKU: Final = "there is no SKU of this code; look at its spelling"
NO_SHOP: Final = "there is no shop of this name or code; look at its spelling"
NO_CHANNEL: Final = "there is no channel of this name or code; look at its spelling"
NO_CARRIER: Final = "there is no carrier of this name or code; look at its spelling"
NO_POINT: Final = "there is no stock point of this code; look at its spelling"
NO_LEVEL: Final = "there is no member level of this code; bring the levels first"
NO_SIZE: Final = "write small, medium or large"
NO_KIND: Final = "write phone, address or buyer"
NO_CODE: Final = "write the first digits of a division code, like 33 or 330106"
NO_SHARE: Final = "write a percentage from 0 to 100, like 5 or 7.5"
NO_WHOLE: Final = "must be a whole number from 0 to 1,000,000,000"
ONE_OF_TWO: Final = "write the buyer id or the member number, not both"


def _whole(text: str) -> int | None:
    """A whole number; nothing is None, which leaves what is kept as it is."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > LARGEST:
        raise Unreadable(NO_WHOLE)
    return int(text)


def _share(text: str) -> int:
    """A percentage as hundredths of a percent; nothing is none."""
    plain = text.removesuffix("%").strip() or "0"
    whole, _, rest = plain.partition(".")
    if not (whole + rest).isascii() or not (whole + rest).isdigit() or len(rest) > 2 or len(whole) > 3:
        raise Unreadable(NO_SHARE)
    found = int(whole or "0") * 100 + int(rest.ljust(2, "0") or "0")
    if found > 10_000:
        raise Unreadable(NO_SHARE)
    return found


def _currency(text: str) -> str:
    plain = text.strip().upper() or "CNY"
    if len(plain) != 3 or not plain.isascii() or not plain.isalpha():
        raise Unreadable("write the currency's three letters, like CNY")
    return plain


def _division(text: str) -> str:
    if text in ("", "*", "全部", "all"):
        return ""
    if not text.isascii() or not text.isdigit() or not 2 <= len(text) <= 12:
        raise Unreadable(NO_CODE)
    return text


def _amount(row: Row, key: str) -> tuple[int, str]:
    currency = row.read("currency", _currency, "CNY", needed=False)
    return row.read(key, lambda text: read_amount(text, currency), 0, needed=True), currency


def _cost(row: Row, books: Books) -> tuple[Any, ...]:
    sku = row.read("sku", read_known(books.skus, NO_SKU), 0, needed=True)
    amount, currency = _amount(row, "cost")
    return sku, row.read("valid_from", read_when, None, needed=False), amount, currency


def _floor(row: Row, books: Books) -> tuple[Any, ...]:
    shops = {**books.shops, **dict.fromkeys(EVERYWHERE, 0)}
    sku = row.read("sku", read_known(books.skus, NO_SKU), 0, needed=True)
    shop = row.read("shop", read_known(shops, NO_SHOP), 0, needed=False)
    return (shop, sku, *_amount(row, "floor"))


def _listed(row: Row, books: Books) -> tuple[Any, ...]:
    """What must not be kept leaves this function as a keyed hash alone."""
    kind = row.read("kind", read_known(LISTED, NO_KIND), "", needed=True)
    value = row.read("value", read_words, "", needed=True).strip()
    plain = plain_phone(value) if kind == "phone" else plain_address(value) if kind == "address" else value
    blind = books.keys.blind(kind, plain) if kind and plain else b""
    reason = row.read("reason", read_words, "", needed=True)[:200]
    source = row.read("source", read_words, "", needed=False)[:80]
    return kind, blind, reason, source, row.read("expires_at", read_when, None, needed=False)


def _level(row: Row, _books: Books) -> tuple[Any, ...]:
    code = row.read("code", read_number, "", needed=True)
    name = row.read("name", read_words, "", needed=True)[:80]
    return code, name, row.read("rank", _whole, None, needed=False) or 0, row.read("discount", _share, 0, needed=False)


def _member(row: Row, books: Books) -> tuple[Any, ...]:
    channel = row.read("channel", read_known(books.channels, NO_CHANNEL), 0, needed=True)
    buyer, number = (row.read(key, read_number, "", needed=False) for key in ("buyer", "member_no"))
    if bool(buyer) is bool(number):
        row.refuse("buyer", ONE_OF_TWO)
    level = row.read("level", read_known({**books.levels, "": ""}, NO_LEVEL), "", needed=False)
    return channel, buyer, number, level


def _measures(row: Row, books: Books) -> tuple[Any, ...]:
    sku = row.read("sku", read_known(books.skus, NO_SKU), 0, needed=True)
    weight, volume = (row.read(key, _whole, None, needed=False) for key in ("weight_g", "volume_cm3"))
    size = row.read("size_class", read_known({**SIZES, "": ""}, NO_SIZE), "", needed=False)
    return sku, weight, volume, size or None


def _coverage(row: Row, books: Books) -> tuple[Any, ...]:
    carrier = row.read("carrier", read_known(books.carriers, NO_CARRIER), 0, needed=True)
    prefix = row.read("division", _division, "", needed=False)
    return carrier, prefix, row.read("is_deliverable", read_switch, True, needed=True)


def _carrier(row: Row, _books: Books) -> tuple[Any, ...]:
    code = row.read("code", read_number, "", needed=True)
    name = row.read("name", read_words, "", needed=True)[:80]
    is_suspended = row.read("is_suspended", read_switch, False, needed=False)
    rank = row.read("rank", _whole, None, needed=False) or 0
    return code, name, rank, is_suspended, row.read("allows_cod", _allows, True, needed=False)


def _allows(text: str) -> bool:
    """Yes or no; nothing is yes."""
    return read_switch(text) if text.strip() else True


def _tariff(row: Row, books: Books) -> tuple[Any, ...]:
    carrier = row.read("carrier", read_known(books.carriers, NO_CARRIER), 0, needed=True)
    points = {**books.points, **dict.fromkeys(EVERYWHERE, 0)}
    point = row.read("stock_point", read_known(points, NO_POINT), 0, needed=False)
    prefix = row.read("division", _division, "", needed=False)
    grams = [row.read(key, _whole, None, needed=False) or 1000 for key in ("first_g", "step_g")]
    amounts = [row.read(key, lambda text: read_amount(text, "CNY"), 0, needed=key == "first_amount")
               for key in ("first_amount", "step_amount", "surcharge")]  # fmt: skip
    return carrier, point, prefix, grams[0], amounts[0], grams[1], amounts[1], amounts[2]


_SKU: Final = Column("sku", "货品编码", "sku", needed=True)
_CURRENCY: Final = Column("currency", "币种", "currency")

KINDS: Final = {
    kind.code: kind
    for kind in (
        Kind("cost", "成本价", "Cost prices", (
            _SKU, Column("cost", "成本价", "cost", needed=True), _CURRENCY,
            Column("valid_from", "生效时间", "valid from"),
        ), _cost, 2),
        Kind("floor", "限价", "Floor prices", (
            Column("shop", "店铺", "shop"), _SKU, Column("floor", "最低价", "floor", needed=True), _CURRENCY,
        ), _floor, 2),
        Kind("blacklist", "黑名单", "Blacklist", (
            Column("kind", "类型", "kind", needed=True), Column("value", "内容", "value", needed=True),
            Column("reason", "原因", "reason", needed=True), Column("source", "来源", "source"),
            Column("expires_at", "到期时间", "expires at"),
        ), _listed, 2),
        Kind("level", "会员等级", "Member levels", (
            Column("code", "等级编码", "level code", needed=True), Column("name", "名称", "name", needed=True),
            Column("rank", "排序", "rank"), Column("discount", "优惠百分比", "discount %"),
        ), _level, 1),
        Kind("member", "会员", "Members", (
            Column("channel", "渠道", "channel", needed=True), Column("buyer", "买家号", "buyer id"),
            Column("member_no", "会员号", "member no"), Column("level", "等级编码", "level code"),
        ), _member, 3),
        Kind("sku", "重量体积尺寸", "Weights and sizes", (
            _SKU, Column("weight_g", "重量克", "weight g"), Column("volume_cm3", "体积立方厘米", "volume cm3"),
            Column("size_class", "尺寸等级", "size class"),
        ), _measures, 1),
        Kind("coverage", "承运商范围", "Carrier coverage", (
            Column("carrier", "承运商", "carrier", needed=True), Column("division", "地区代码", "division code"),
            Column("is_deliverable", "能否送达", "delivers", needed=True),
        ), _coverage, 2),
        Kind("carrier", "承运商", "Carriers", (
            Column("code", "承运商编码", "carrier code", needed=True), Column("name", "名称", "name", needed=True),
            Column("rank", "排序", "rank"), Column("is_suspended", "停用", "suspended"),
            Column("allows_cod", "能到付", "allows cod"),
        ), _carrier, 1),
        Kind("tariff", "运费模板", "Carrier tariffs", (
            Column("carrier", "承运商", "carrier", needed=True), Column("stock_point", "发货库存点", "stock point"),
            Column("division", "地区代码", "division code"), Column("first_g", "首重克", "first g"),
            Column("first_amount", "首重运费", "first freight", needed=True), Column("step_g", "续重克", "step g"),
            Column("step_amount", "续重运费", "step freight"), Column("surcharge", "附加费", "surcharge"),
        ), _tariff, 3),
        SETTLEMENT,
        SENT,
        TRANSIT,
    )
}  # fmt: skip
