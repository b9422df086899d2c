"""规则 · 赠品: what rules gave, what was dropped or out, and what is left of limited ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, render_template, request

from oms.app.kernel.queries.gifts import (
    STATES,
    GiftFilter,
    discounts_of_order,
    gift_log,
    gifts_of_order,
    limited_gifts,
    rule_names,
)
from oms.app.kernel.queries.pages import AnyRow
from oms.console.context import connection, shops
from oms.console.messages import _l
from oms.console.rule_access import VIEW
from oms.console.security import requires

pages = Blueprint("gifts", __name__, url_prefix="/rules/gifts")

#: What became of a gift: words and tone.
STATE: Final[Mapping[str, tuple[Any, str]]] = {
    "given": (_l("已送"), "ok"), "dropped": (_l("已撤"), ""), "out": (_l("没送上"), "warn"),
}  # fmt: skip
REASON: Final[Mapping[str, Any]] = {
    "limit": _l("赠完即止，已送完"),
    "buyer": _l("这位买家已送满"),
    "stock": _l("赠品缺货"),
    "unplanned": _l("和订单凑不到一起发"),
    "left": _l("订单已发，赠品没跟上"),
    "not_earned": _l("规则不再要求送"),
    "changed": _l("件数变了，重新送"),
    "closed": _l("订单取消"),
    "merged": _l("合单时重新计算"),
}
FUNDER: Final[Mapping[str, Any]] = {
    "merchant": _l("商家承担"), "member": _l("会员承担"), "distributor": _l("分销商承担"),
}  # fmt: skip


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """The log, newest first, and what is left of limited gifts above it."""
    state = request.args.get("state", "")
    wanted = GiftFilter(
        state=state if state in STATES else "",
        order_no=request.args.get("order", "").strip(),
        sku=request.args.get("sku", "").strip(),
        rule=request.args.get("rule", "").strip(),
    )
    ids = shops(VIEW).ids
    page = gift_log(connection(), ids, wanted, request.args.get("at", ""))
    return render_template(
        "gifts/list.html", page=page, wanted=wanted, states=STATE, reasons=REASON, shops=shops(VIEW),
        names=rule_names(connection(), page.rows), limited=limited_gifts(connection(), ids),
    )  # fmt: skip


def given_to(order: AnyRow) -> dict[str, Any]:
    """What the page of an order shows of gifts and discounts by rules."""
    gifts = gifts_of_order(connection(), order.id)
    return {
        "gifts": gifts, "gift_names": rule_names(connection(), gifts) if gifts else {}, "gift_states": STATE,
        "gift_reasons": REASON, "rule_discounts": discounts_of_order(connection(), order.id), "funders": FUNDER,
    }  # fmt: skip
