"""What to write in each column of a file of orders, as the page and the template tell it."""

from __future__ import annotations

from typing import Final

from oms.app.capture.entered.columns import COLUMNS, PROBLEM, Column
from oms.app.capture.entered.rows import Row
from oms.console.messages import _, _l
from oms.console.translating import language

HINTS: Final = {
    "shop": _l("店铺的编号或名称"),
    "order_no": _l("同一家店里不重复；几行写同一个号就是一张单"),
    "ordered_at": _l("如 2026-11-22 09:30，按店铺的时区"),
    "paid_at": _l("空着就是待付款；货到付款也空着"),
    "sku": _l("系统货品或组合装的编码；不认识的先进来，等匹配"),
    "listing": _l("平台货品的编号；货品编码空着时要写"),
    "title": _l("平台上的标题"),
    "units": _l("1 以上的整数"),
    "unit_price": _l("一件的价钱，单位元，如 129.90"),
    "discount": _l("这一行一共减多少，不写负号"),
    "freight": _l("整张单的运费，写一行就行"),
    "total": _l("可以不写；写了就核对"),
    "buyer": _l("买家号"),
    "phone": _l("11 位手机，或带区号的座机"),
    "country": _l("空着就是中国，其他写两个字母"),
    "cod": _l("是，或空着"),
    "invoice_title": _l("要开票才写"),
}


def heading() -> list[str]:
    """The headings in the reader's language."""
    return [name_of(column) for column in COLUMNS]


def name_of(column: Column) -> str:
    """A column's heading in the reader's language."""
    return column.en if language() == "en" else column.zh


def problem_heading() -> str:
    """The heading of the column that says what is wrong."""
    return PROBLEM[1] if language() == "en" else PROBLEM[0]


def told(row: Row) -> str:
    """What is wrong with a row, in one cell."""
    named = {column.key: name_of(column) for column in COLUMNS}
    problems = [
        _("%(column)s：%(problem)s", column=named[key], problem=_(words)) if key else _(words)
        for key, words in row.problems
    ]
    return _("；").join(problems)
