"""The pages of quotas, reservations and proposals: what they show, what they store, who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of, send

QUOTAS, PROMISES, BUYING = "/stock/quotas", "/stock/promises", "/stock/replenishing"


def run(hub: Hub, statement: str, **values: Any) -> Any:
    with hub.begin() as connection:
        found = connection.execute(text(statement), values)
        return found.scalar() if found.returns_rows else None


def a_code(hub: Hub, world: factories.World) -> str:
    """A SKU that lies at the world's point, whose shop is served from a pool of its own."""
    sku = run(
        hub,
        """with pool as (insert into stock_pool (code, name) values ('promises', '池') on conflict (code)
             do update set name = excluded.name returning id),
           member as (insert into pool_member (pool_id, stock_point_id, rank) select id, :point, 1 from pool
             on conflict do nothing),
           shops as (update shop set stock_pool_id = (select id from pool) where mode = 'live')
           insert into sku (code, name) values ('PROM-1', '货') on conflict (code) do update set name = excluded.name
           returning id""",
        point=world.point,
    )
    run(
        hub,
        """insert into stock_level (stock_point_id, sku_id, on_hand) values (:point, :sku, 40)
           on conflict (stock_point_id, sku_id, kind) do update set on_hand = 40""",
        point=world.point,
        sku=sku,
    )
    return "PROM-1"


def test_a_quota_set_on_the_page_changes_what_the_shop_would_be_told_and_says_why(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    sku = a_code(hub, world)
    hub.masters.forget()
    assert "池里可发 40" in page_of(client, f"{QUOTAS}?sku={sku}")
    shop = run(hub, "select min(id) from shop where mode = 'live'")
    assert (
        send(client, QUOTAS, sku=sku, place=f"shop:{shop}", ratio="50", threshold="30", threshold_units="3").status_code
        == 303
    )
    assert "自己独占 + 共享 40 → 按比例 20 → 低于门槛 3" in page_of(client, f"{QUOTAS}?sku={sku}").replace("\n", "")
    assert send(client, QUOTAS, sku="", place="global:0", exclusive="5").status_code == 422
    pool = run(hub, "select id from stock_pool where code = 'promises'")
    assert send(client, f"{QUOTAS}/policy", pool=str(pool), shop="0", backorder_units="2").status_code == 303
    policy = {"pool": str(pool), "shop": str(shop), "backorder_units": "2", "reserve_at": "order"}
    assert send(client, f"{QUOTAS}/policy", **policy).status_code == 303
    assert run(hub, "select reserve_at from shop where id = :shop", shop=shop) == "order"
    assert "加允许超卖 5" in page_of(client, f"{QUOTAS}?sku={sku}")
    quota = run(hub, "select min(id) from stock_quota")
    assert send(client, f"{QUOTAS}/{quota}/remove", sku=sku).status_code == 303
    assert "按比例" not in page_of(client, f"{QUOTAS}?sku={sku}").split('id="policies"')[0].split('<h2 id="h-q"')[0]


def test_quotas_beyond_a_page_are_read_page_by_page(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    a_code(hub, world)
    run(
        hub,
        """insert into stock_quota (scope, scope_id, sku_id, ratio_bp, changed_by) select 'shop', n, k.id, 5000, 'ann'
           from generate_series(100001, 100200) n, sku k where k.code = 'PROM-1' returning id""",
    )
    last = run(
        hub,
        """insert into stock_quota (scope, scope_id, sku_id, ratio_bp, changed_by) select 'shop', 200000, id, 100, 'ann'
           from sku where code = 'PROM-1' returning id""",
    )
    try:
        seen, address = "", f"{QUOTAS}?sku=PROM-1"
        for _page in range(3):
            seen = page_of(client, address)
            found = re.search(r'href="([^"]+)" rel="next"', seen)
            if found is None:
                break
            assert f"/{last}/remove" not in seen
            address = found[1].replace("&amp;", "&")
        assert f"/{last}/remove" in seen
        assert "第一页" in seen
        assert page_of(client, f"{QUOTAS}?after={2**62}")
    finally:
        run(hub, "delete from stock_quota where scope = 'shop' and scope_id > 100000")


def test_the_queue_of_a_sku_is_shown_in_its_order_and_presale_units_are_kept(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    sku = a_code(hub, world)
    for reference, minutes in (("later", 5), ("sooner", 1)):
        run(
            hub,
            """insert into demand_reservation (pool_id, sku_id, holder, reference, units, since)
               select p.id, k.id, 'dist', :reference, 30, :since from stock_pool p, sku k
               where p.code = 'promises' and k.code = :sku""",
            reference=reference, since=factories.NOW + timedelta(minutes=minutes), sku=sku,
        )  # fmt: skip
    page = page_of(client, f"{PROMISES}?sku={sku}")
    assert page.index("sooner") < page.index("later")
    assert 'class="longno" title="sooner"' in page  # A number that is too long for its column is whole in its title.
    assert ">20<" in page  # Sixty are promised, forty are there.
    point = run(hub, "select code from stock_point where id = :id", id=world.point)
    assert send(client, f"{PROMISES}/presale", point=point, sku=sku, units="7", what="expect").status_code == 303
    assert run(hub, "select on_hand from stock_level where kind = 'presale'") == 7
    assert send(client, f"{PROMISES}/presale", point=point, sku=sku, units="9", what="arrived").status_code == 422
    key = re.findall(r'name="key" value="([^"]+)"', page_of(client, PROMISES))[0]
    for _click in range(2):
        arrived = send(client, f"{PROMISES}/presale", point=point, sku=sku, units="3", what="arrived", key=key)
        assert arrived.status_code == 303
    assert run(hub, "select on_hand from stock_level where kind = 'presale'") == 4
    shop = run(hub, "select min(id) from shop where mode = 'live'")
    run(hub, "insert into listing (shop_id, listing_no, variant_no) values (:shop, 'PRE-1', 'red')", shop=shop)
    assert send(client, f"{PROMISES}/listing", shop=str(shop), listing="nothing").status_code == 404
    assert send(client, f"{PROMISES}/listing", shop=str(shop), listing="PRE-1").status_code == 303
    assert "PRE-1 / red" in page_of(client, PROMISES)
    assert send(client, f"{PROMISES}/listing", shop=str(shop), listing="PRE-1", what="off").status_code == 303
    assert run(hub, "select count(*) from presale_listing") == 0


def test_a_proposal_is_ordered_with_a_receipt_or_dismissed_with_a_reason_and_exported(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    sku = a_code(hub, world)
    proposal = run(
        hub,
        """insert into replenish_proposal
             (pool_id, sku_id, units, daily_milli, free, lead_days, cover_days, days_left, reason)
           select p.id, k.id, 60, 4500, 12, 7, 14, 2, '1/9' from stock_pool p, sku k
           where p.code = 'promises' and k.code = :sku returning id""",
        sku=sku,
    )
    assert "1 种货撑不到新货到" in page_of(client, BUYING)
    assert f"{sku},货,4.5,12,0,0,2,60" in client.get(f"{BUYING}/export.csv").data.decode("utf-8-sig")
    assert send(client, f"{BUYING}/{proposal}", what="dismiss", words="").status_code == 422
    point = run(hub, "select code from stock_point where id = :id", id=world.point)
    assert send(client, f"{BUYING}/{proposal}", units="60", point=point, purchase_no="PO-9").status_code == 303
    assert run(hub, "select state from replenish_proposal where id = :id", id=proposal) == "ordered"
    page = page_of(client, BUYING)
    assert "都撑得到新货到" in page
    assert "PO-9" in page
    pool = str(run(hub, "select id from stock_pool where code = 'promises'"))
    days = {"lead_days": "5", "cover_days": "10", "look_back_days": "14", "multiple": "6", "least_units": "0"}
    assert send(client, f"{BUYING}/settings", pool=pool, sku="", team="", is_watched="yes", **days).status_code == 303
    assert run(hub, "select lead_days || '/' || multiple from replenish_setting") == "5/6"
