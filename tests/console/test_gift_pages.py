"""Rules · gifts: the log with its filters, what is left of limited gifts, and what an order's page tells of them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of
from tests.console.rule_forms import a_place

RULES = """{"format": 1, "stage": "gift", "rules": [{"id": "g1", "name": "满额送杯", "actions": [
  {"action": "add_gift", "params": {"sku": "LY-GIFT", "units": 1, "stock": 5}}]}]}"""
GIVEN = """
insert into gift_given (order_id, line_id, shop_id, rule_set_id, version_id, rule_id, sku_id, units, state, reason, at,
  changed_at) select :order, 1, shop_id, 77, 78, 'g1', 501, :units, :state, :reason, :at, :at
from orders where id = :order"""
SHARE = """
insert into discount_share (order_id, funder, amount, promotion_no, name)
values (:order, 'merchant', 101, 'rule:77:d1:1', '开业')"""


@pytest.fixture(scope="module")
def order(hub: Hub, world: factories.World) -> int:
    """An order with a gift, one that was not to be had and a discount."""
    a_place(hub, world)
    with hub.begin() as connection:
        id_ = factories.an_order(connection, world)
        for statement, values in (
            ("insert into sku (id, code, name) values (501, 'LY-GIFT', '随手杯')", {}),
            ("insert into rule_set (id, stage, name) values (77, 'gift', '双十一')", {}),
            ("""insert into rule_set_version (id, rule_set_id, body, state)
                values (78, 77, cast(:body as jsonb), 'active')""", {"body": RULES}),
            ("insert into gift_counter (rule_set_id, rule_id, sku_id, given) values (77, 'g1', 501, 2)", {}),
            (GIVEN, {"order": id_, "units": 2, "state": "given", "reason": "", "at": factories.NOW}),
            (SHARE, {"order": id_}),
        ):  # fmt: skip
            connection.execute(text(statement), values)
    return id_


def test_the_log_tells_what_was_given_and_what_is_left(client: FlaskClient, order: int) -> None:
    page = page_of(client, "/rules/gifts")
    for words in (
        "满额送杯",
        "LY-GIFT",
        "随手杯",
        "已送",
        '<td class="num">5</td><td class="num">2</td><td class="num">3</td>',
    ):
        assert words in page


@pytest.mark.parametrize(("asked", "is_there"), [
    ("sku=ly-gift", True), ("sku=OTHER", False), ("state=given", True), ("state=out", False), ("rule=g1", True),
    ("order=nobody", False), ("state=nonsense", True),
])  # fmt: skip
def test_the_log_is_narrowed(client: FlaskClient, order: int, asked: str, is_there: bool) -> None:
    page = page_of(client, f"/rules/gifts?{asked}")
    assert (f'href="/orders/{order}"' in page) is is_there


def test_an_orders_page_tells_its_gifts_and_discounts(client: FlaskClient, order: int) -> None:
    page = page_of(client, f"/orders/{order}")
    for words in ("赠品与优惠", "随手杯", "开业", "1.01", "商家承担"):
        assert words in page


def test_gifts_of_shops_that_a_person_may_not_see_are_not_shown(
    client: FlaskClient, order: int, somebody: object
) -> None:
    somebody(shop_ids=frozenset())  # type: ignore[operator]
    assert f'href="/orders/{order}"' not in page_of(client, "/rules/gifts")
