"""Reading returns and refunds: by the time they were asked for, by change and step, those of one order."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market.store import Rows
from connectors.sandbox.suning.errors import NO_RESULT, ApiError
from connectors.sandbox.suning.params import Params
from connectors.sandbox.suning.rejected_docs import rejected_row
from connectors.sandbox.suning.shop import Answer, Method, Page, Shop
from connectors.sandbox.suning.states import STEP_SQL, STEPS

WIDEST_DAYS, WIDEST_BY_CHANGE_DAYS = 30.0, 1.0


def by_asking(shop: Shop, params: Params) -> Answer:
    """Returns and refunds by the time they were asked for, oldest first."""
    return _listed(shop, params, "created_ms", params.window(shop.market.now_ms(), WIDEST_DAYS))


def by_change(shop: Shop, params: Params) -> Answer:
    """Returns and refunds at one step, by the time of change."""
    params.require("orderLineStatus")
    step = params.choice("orderLineStatus", STEPS)
    window = params.window(shop.market.now_ms(), WIDEST_BY_CHANGE_DAYS)
    return _listed(shop, params, "changed_ms", window, f"{STEP_SQL} = ?", [step])


def of_order(shop: Shop, params: Params) -> Answer:
    """Every return and refund of one order."""
    number = params.text("orderCode")
    if not number.isdigit():
        raise ApiError("biz.rejected.ordercode-format:error", "请输入正确的订单号")
    found = [rejected_row(shop, case) for case in shop.market.shelves.cases_of(number)]
    if not found:
        raise ApiError(NO_RESULT)
    return Answer(found)


def _listed(shop: Shop, params: Params, stamp: str, window: tuple[int, int], where: str = "1",
            args: list[Any] | None = None) -> Answer:  # fmt: skip
    number, size = params.page()
    rows: Rows = shop.market.shelves.list_cases(
        stamp, *window, (number - 1) * size, size, where=where, args=args or []
    )  # fmt: skip
    found = [rejected_row(shop, case) for case in rows.found]
    if not found:
        raise ApiError(NO_RESULT)
    content: Any = found[0] if len(found) == 1 and shop.settings.get("single_as_object") else found
    return Answer(content, Page(number, size, rows.total))


METHODS = {
    "suning.custom.batchrejected.query": Method("batchQueryRejected", by_asking),
    "suning.custom.rejectedord.query": Method("batchQueryRejected", by_change),
    "suning.custom.returngoods.query": Method("queryReturngoods", by_asking),
    "suning.custom.singlerejected.get": Method("singleGetRejected", of_order, ("orderCode",)),
}
