"""A distributor with its price list, what it sells settled, and the statement of the days before."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import import put_masters
from oms.app.finance.partner_ledger import book_entries, close_statement
from oms.app.finance.partners import PartnerForm, save_partner
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.demo.company.range import Range
from oms.demo.goods import COST_SINCE

PARTNER: Final = "DX-EAST"
#: What the partner pays of the list price, and a price of its own for the best seller, in percent of its price.
RATE_PERCENT, BEST_SELLER_PERCENT = "70", 62


def set_partner_up(hub: Hub, goods: Range, actor: str) -> int:
    """The distributor and its prices; answers its id."""
    with hub.engine.connect() as connection:
        found = fetch(connection, "select id from partner where code = %s", (PARTNER,))
    if found:
        return int(found[0][0])
    form = PartnerForm(
        PARTNER,
        "华东分销商 · 示例商贸",
        "distributor",
        needs_price=True,
        sender_name="示例商贸",
        sender_phone="02500000000",
    )
    partner_id = save_partner(hub, None, form, (), actor)
    since = COST_SINCE.strftime("%Y-%m-%d %H:%M")
    own = int(goods.best_seller["price_fen"]) * BEST_SELLER_PERCENT // 100
    rows = [
        Row({"partner": PARTNER, "sku": "", "rate": RATE_PERCENT, "of": "list", "valid_from": since}),
        Row({"partner": PARTNER, "sku": goods.best_seller["code"], "price": f"{own / 100:.2f}", "valid_from": since}),
    ]
    put_masters(hub, "settlement", rows, actor)
    return partner_id


def state_account(hub: Hub, partner_id: int, actor: str) -> None:
    """Book what has left, and close a statement up to yesterday."""
    with hub.begin() as connection:
        book_entries(hub, connection, partner_id)
    close_statement(hub, partner_id, (hub.clock() - timedelta(days=1)).date(), actor)
