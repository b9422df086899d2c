"""The columns of an order: of the file people fill in, and of the form; which belong to a row and which to the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from oms.domain.errors import Invalid

TEMPLATE: Final = "fill in the template"


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its headings; `of_line` says that each row of an order has a value of its own."""

    key: str
    zh: str
    en: str
    needed: bool = False
    of_line: bool = False


COLUMNS: Final = (
    Column("shop", "店铺", "shop", needed=True),
    Column("order_no", "订单号", "order no", needed=True),
    Column("ordered_at", "下单时间", "ordered at", needed=True),
    Column("paid_at", "付款时间", "paid at"),
    Column("sku", "货品编码", "sku", of_line=True),
    Column("listing", "平台货品编码", "listing", of_line=True),
    Column("title", "品名", "title", of_line=True),
    Column("units", "数量", "units", needed=True, of_line=True),
    Column("unit_price", "单价", "unit price", needed=True, of_line=True),
    Column("discount", "优惠", "discount", of_line=True),
    Column("freight", "运费", "freight"),
    Column("total", "应付合计", "total"),
    Column("buyer", "买家", "buyer"),
    Column("name", "收货人", "receiver", needed=True),
    Column("phone", "电话", "phone", needed=True),
    Column("country", "国家", "country"),
    Column("state", "省", "province", needed=True),
    Column("city", "市", "city", needed=True),
    Column("district", "区县", "district"),
    Column("street", "详细地址", "street", needed=True),
    Column("message", "买家留言", "buyer message"),
    Column("memo", "备注", "memo"),
    Column("cod", "货到付款", "cash on delivery"),
    Column("delivery", "配送方式", "delivery"),
    Column("store", "门店编码", "store"),
    Column("pickup_name", "提货人", "who collects"),
    Column("pickup_phone", "提货电话", "phone of who collects"),
    Column("invoice_title", "发票抬头", "invoice title"),
    Column("tax_no", "税号", "tax no"),
)
BY_KEY: Final = {column.key: column for column in COLUMNS}
PROBLEM: Final = ("问题", "problem")
OF_ORDER: Final = tuple(column.key for column in COLUMNS if not column.of_line)


class MissingColumns(Invalid):
    """The first row does not name columns that must be there; `columns` are those."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__("file", "the first row must name the columns of the template", TEMPLATE)
        self.columns = tuple(columns)


def places_of(heading: Sequence[str]) -> dict[str, int]:
    """Where each column stands, by its Chinese or English heading, in any order; MissingColumns when one is not there."""
    written = [" ".join(text.replace("*", " ").lower().split()) for text in heading]
    places: dict[str, int] = {}
    for column in COLUMNS:
        found = [at for at, text in enumerate(written) if text in (column.zh, column.en)]
        if len(found) > 1:
            raise Invalid("file", "two columns have the same heading", "keep one of them")
        if found:
            places[column.key] = found[0]
    missing = [column for column in COLUMNS if column.needed and column.key not in places]
    if missing:
        raise MissingColumns(missing)
    return places
