"""规则 · 赠品: what rules gave, what was dropped or out, and what is left of limited ones."""

from __future__ import annotations

from typing import Any

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
from oms.console.rules.access import VIEW
from oms.console.security import requires
from oms.console.telling.gifts import FUNDER, REASON, STATE

pages = Blueprint("gifts", __name__, url_prefix="/rules/gifts")


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
