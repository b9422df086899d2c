"""Finance in a real browser: adds a partner with its shop, brings a price, reads what was settled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from oms.app.kernel.hub import Hub

pytestmark = pytest.mark.browser
WIDE = """() => [document.documentElement, document.querySelector('#main')]
  .filter(e => e.scrollWidth > e.clientWidth).map(e => `${e.tagName} ${e.scrollWidth}>${e.clientWidth}`)"""
SCHEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
#: A few orders of the day become the partner's, settled, and partly shipped and paid back.
SETTLED = (
    """insert into order_partner (order_id, partner_id, via, reference)
       select o.id, p.id, 'shop', 'DX' || o.id from orders o, partner p where o.status = 'open' order by o.id limit 30""",
    "update orders set owner = 'distributor' where id in (select order_id from order_partner)",
    """update order_line l set settlement_amount = l.paid_amount * 8 / 10 from order_partner p
       where p.order_id = l.order_id and l.kind = 'goods'""",
    """insert into line_settlement (order_line_id, order_id, basis, units, rate_bp)
       select l.id, l.order_id, 'paid', l.ordered, 8000 from order_line l where l.settlement_amount is not null""",
    """insert into settlement_entry (partner_id, order_id, order_line_id, kind, units, amount, at)
       select p.partner_id, l.order_id, l.id, 'sale', l.ordered, l.settlement_amount, now() - interval '2 days'
       from order_line l join order_partner p on p.order_id = l.order_id where l.settlement_amount is not null""",
    """insert into settlement_entry (partner_id, order_id, order_line_id, kind, units, amount, at)
       select partner_id, order_id, order_line_id, 'return', units, -amount, now() - interval '1 day'
       from settlement_entry order by id limit 3""",
    """update order_line l set shipped = l.ordered, planned = 0, cancelled = 0, refunded = case when exists (
         select from settlement_entry e where e.order_line_id = l.id and e.kind = 'return') then l.ordered else 0 end
       where l.settlement_amount is not null""",
)


def picture(page: Page, name: str) -> None:
    """A picture at both widths, light and dark, when somebody asks for them."""
    folder = os.environ.get("OMS_PICTURES")
    for width, height in ((1280, 800), (768, 1024)) if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(str(folder)) / f"{name}-{width}-{scheme}.png", full_page=True)


def test_a_partner_is_added_with_its_shop_and_its_statement_read(page: Page, hub: Hub, day: dict[str, int]) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/finance/partners")
    expect(page.get_by_text("还没有合作方")).to_be_visible()
    page.get_by_role("link", name="新合作方").click()
    page.get_by_label("编码", exact=True).fill("DX-1")
    page.get_by_label("名称", exact=True).fill("东西贸易")
    page.get_by_label("类型").select_option(label="分销商")
    page.locator("input[name=shop]").first.check()
    picture(page, "partner-form")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="东西贸易")).to_be_visible()
    with hub.begin() as connection:
        for statement in SETTLED:
            connection.execute(text(statement))
        order = connection.execute(text("select min(order_id) from order_partner")).scalar_one()
    page.reload()
    page.get_by_role("button", name="出结算单").click()
    expect(page.get_by_text("结算单出好了")).to_be_visible()
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_role("heading", name="结算单 1 的明细")).to_be_visible()
    paths = {"partners": "/finance/partners", "partner": page.url, "partner-order": f"/orders/{order}#settlement",
             "partner-why": f"/orders/{order}/why"}  # fmt: skip
    for name, path in paths.items():
        page.goto(path)
        picture(page, name)
        for width in (1280, 768):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(WIDE) == [], path
