"""Open alerts as lines of "what is wrong": what it is about, the kept words in the reader's language, where to go."""

from __future__ import annotations

from typing import Final

from flask import url_for

from oms.app.kernel.queries.home import open_alerts
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.settings import other_accounts
from oms.console.context import connection, person, shops
from oms.console.messages import _, _l
from oms.console.refusals import Told, tell

#: What an alert says by its kind. A kind that is not here is told by its words alone.
KINDS: Final = {
    "account_paused": _l("账号停了，不再调用"),
    "account_refused": _l("刚授权的账号又被拒绝"),
    "authorisation_ends": _l("授权快到期"),
    "case_moved": _l("售后换了订单"),
    "count_differs": _l("门店卖的比账上多"),
    "import_failed": _l("上传的文件没导完"),
    "incomplete": _l("和平台的清单对不上"),
    "left_unasked": _l("没要发的货发出了"),
    "merge_failed": _l("合单没成"),
    "message_failed": _l("推来的消息没处理成"),
    "waybills_low": _l("电子面单号快用完了"),
    "pushes_refused": _l("有订阅没建成"),
    "oversold_point": _l("占用的比实物多"),
    "stock_not_asked": _l("没问到仓库库存"),
    "replenish_ordered": _l("自动订了货"),
    "replenish_left": _l("自动补货留给人"),
    "stock_order_refused": _l("仓库没收出入库单"),
    "stock_proof": _l("核账没对上"),
    "report_contradicts": _l("仓库回传前后矛盾"),
    "rule_paused": _l("规则停了，订单转人工"),
    "rule_unhealthy": _l("规则出错，订单转人工"),
    "unpriced": _l("没有运费模板，排在有价的后面"),
    "webhook_dead": _l("推送地址一天没收下消息"),
}
#: Kinds whose subject is an account.
OF_ACCOUNTS: Final = frozenset(
    {"account_paused", "account_refused", "authorisation_ends", "message_failed", "pushes_refused"}
)
#: Kinds whose words name what they are about.
NAMELESS: Final = frozenset({"merge_failed", "rule_paused", "rule_unhealthy"})


def alert_lines() -> list[tuple[str, str, str]]:
    """The newest alerts: a title with the subject's name, what was kept and what helps, and where to go."""
    return [(_title(row), _detail(tell(row.words)), _href(row)) for row in open_alerts(connection())]


def _title(row: AnyRow) -> str:
    kind = KINDS.get(row.kind)
    name = _name(row)
    if kind is None:
        return name or str(row.kind)
    return _("%(name)s：%(what)s", name=name, what=kind) if name else str(kind)


def _detail(told: Told) -> str:
    return _("；").join(filter(None, (told.words, told.remedy)))


def _name(row: AnyRow) -> str:
    """Whom the alert is about; a number that nobody knows by heart stays out."""
    if not row.subject.isascii() or not row.subject.isdigit():
        return "" if row.kind in NAMELESS else str(row.subject)
    number = int(row.subject)
    if row.kind in OF_ACCOUNTS:
        sold = _("、").join(shop.name for shop in shops() if shop.account_id == number)
        return sold or next((other.name for other in other_accounts(connection()) if other.id == number), "")
    shop = shops().get(number)
    return shop.name if shop else ""


def _href(row: AnyRow) -> str:
    """The page on which something can be done about it, where the person may open it."""
    if row.kind == "message_failed":
        return url_for("parked.listing")
    if row.kind == "incomplete":
        return url_for("completeness.listing")
    if row.kind == "case_moved" and person().allows("case.view"):
        return url_for("cases.show", case_id=int(row.subject))
    if row.kind == "import_failed" and person().allows("order.import"):
        return url_for("importing.listing")
    if row.kind in ("rule_paused", "rule_unhealthy") and person().allows("rule.view"):
        return url_for("rule_troubles.listing")
    if row.kind == "unpriced" and person().allows("master.view"):
        return url_for("masters.listing", code="tariff")
    if row.kind in OF_ACCOUNTS and person().allows("shop.view"):
        return url_for("shops.listing")
    return url_for("sync.tiles")
