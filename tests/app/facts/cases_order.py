"""For each fact of the order, its lines, goods and money: a condition, an order that meets it and one that does not."""

from __future__ import annotations

from typing import Any

from tests.app.facts.telling import Told, told
from tests.factories import a_line

PLAIN = told()
Flip = tuple[str, Any, Told, Told]

ORDER: dict[str, Flip] = {
    "order.origin": ("eq", "manual", told(then="update orders set origin = 'manual' where id = :id"), PLAIN),
    "order.number": ("starts_with", "VIP", told(no="VIP-"), PLAIN),
    "order.owner": ("eq", "agent", told(shop=2), PLAIN),
    "order.partner": ("eq", "PT", told(partner={"code": "pt"}), PLAIN),
    "order.partner_kind": ("eq", "distributor", told(partner={"code": "PT"}), PLAIN),
    "order.settlement": ("ge", 800, told(partner={"code": "PT"}), told(partner={"code": "PT", "amounts": {"1": 799}})),
    "order.settlement_margin": ("lt", 0, told(partner={"code": "PT", "amounts": {"1": 499}}),
                                told(partner={"code": "PT"})),
    "order.settlement_margin_percent": ("ge", 37, told(partner={"code": "PT"}),
                                        told(partner={"code": "PT", "amounts": {"1": 700}})),
    "order.fulfiller": ("eq", "platform", told([a_line(fulfiller="platform")]), PLAIN),
    "order.is_cod": ("eq", True, told(is_cod=True), PLAIN),
    "order.is_presale": ("eq", True, told(is_presale=True), PLAIN),
    "order.term": ("in", ["cod", "presale"], told(is_presale=True), PLAIN),
    "order.currency": ("ne", "CNY", told(currency="USD"), PLAIN),
    "order.buyer_currency": ("eq", "EUR", told(presentment_currency="EUR", presentment_total=9), PLAIN),
    "order.platform_state": ("eq", "shipped", told(state="shipped"), PLAIN),
    "order.platform_status": ("starts_with", "SPECIAL", told(platform_status="SPECIAL_1"), PLAIN),
    "order.platform_holds": ("contains_any", ["team_buy"], told(platform_holds=["team_buy"]), PLAIN),
    "order.keeps_together": ("eq", True, told(part_shipment_forbidden=True), PLAIN),
    "order.is_sealed": ("eq", True, told(then="update orders set is_sealed = true where id = :id"), PLAIN),
    "order.has_memo": ("eq", True, told(seller_memo="call first"), PLAIN),
    "order.has_message": ("eq", True, told(buyer_message="be quick"), PLAIN),
    "order.flag": ("eq", "red", told(flag="red"), told(flag="blue")),
    "order.tags": ("contains_any", ["gift"], told(then="update orders set tags = '{gift}' where id = :id"), PLAIN),
    "order.priority": ("gt", 0, told(then="update orders set priority = 5 where id = :id"), PLAIN),
    "order.holds": ("contains_any", ["platform_hold"], told(platform_holds=["team_buy"]), PLAIN),
    "order.holds_lifted": ("contains_any", ["below_floor"], told(
        then="""insert into hold (order_id, kind, blocks, placed_at, cleared_at, cleared_by, clear_reason)
                values (:id, 'below_floor', 1, :now, :now, 'u1', 'agreed')"""), PLAIN),
    "order.tiers_passed": ("contains_all", ["finance"], told(
        then="update orders set tiers_passed = 3 where id = :id"), PLAIN),
    "order.memo": ("contains_any", ["urgent"], told(seller_memo="urgent, call first"), told(seller_memo="call first")),
    "order.message": ("contains_any", ["door"], told(buyer_message="leave at the door"), PLAIN),
}  # fmt: skip

LINES: dict[str, Flip] = {
    "order.lines": ("ge", 2, told([a_line(), a_line("2", "B")]), PLAIN),
    "order.units": ("ge", 3, told([a_line(), a_line("2", "B", 2)]), told([a_line(units=2)])),
    "lines.most_units": ("ge", 3, told([a_line(units=3)]), told([a_line(units=2), a_line("2", "B", 2)])),
    "lines.seller_codes": ("contains_any", ["B"], told([a_line(), a_line("2", "B")]), PLAIN),
    "lines.listings": ("contains_all", ["LA", "LB"], told([a_line(), a_line("2", "B")]), PLAIN),
    "lines.variants": ("contains_any", ["v9"], told([a_line(variant_no="v9")]), PLAIN),
    "lines.titles": ("matches", "^Special", told([a_line(title="Special tea"), a_line("2", "B")]), PLAIN),
    "lines.gift_units": ("gt", 0, told([a_line(), a_line("2", "B", paid=0, is_gift=True)]), PLAIN),
    "lines.are_gifts": ("eq", True, told([a_line(paid=0, is_gift=True)]), told([a_line(), a_line("2", is_gift=True)])),
    "lines.kinds": ("contains_any", ["freight"], told([a_line(), a_line("F", "", kind="freight")]), PLAIN),
    "lines.refunds": ("contains_any", ["asked"], told([a_line(refund="asked", case_no="C")]), PLAIN),
    "lines.fulfillers": ("contains_any", ["platform"], told([a_line(), a_line("2", "B", fulfiller="platform")]), PLAIN),
    "lines.are_bound": ("eq", True, told([a_line(bound_group="g"), a_line("2", "B", bound_group="g")]), PLAIN),
    "lines.unmatched": ("gt", 0, told([a_line(), a_line("2", "NEW")]), PLAIN),
    "goods.skus": ("contains_any", ["B"], told([a_line("1", "SET")]), PLAIN),
    "goods.sku_count": ("ge", 2, told([a_line("1", "SET")]), told([a_line(units=2)])),
    "goods.packed_units": ("ge", 3, told([a_line("1", "SET")]), PLAIN),
    "goods.bundles": ("contains_any", ["SET"], told([a_line("1", "SET")]), PLAIN),
    "goods.categories": ("contains_any", ["home"], told([a_line("1", "D")]), PLAIN),
    "goods.sizes": ("contains_any", ["large"], told([a_line("1", "E")]), PLAIN),
    "goods.has_virtual": ("eq", True, told([a_line("1", "C")]), PLAIN),
    "goods.weight": ("gt", 1000, told([a_line(units=3)]), PLAIN),
    "goods.heaviest": ("gt", 800, told([a_line(), a_line("2", "D")]), told([a_line(units=9)])),
    "goods.volume": ("ge", 5000, told([a_line("1", "D")]), PLAIN),
}

MONEY: dict[str, Flip] = {
    "order.paid": ("ge", 30_000, told([a_line(paid=30_000)]), told([a_line(paid=29_999)])),
    "order.list": ("gt", 2000, told([a_line(list_amount=2500)]), PLAIN),
    "order.goods_paid": ("lt", 900, told([a_line(paid=500), a_line("F", "", 1, 700, kind="freight")]), PLAIN),
    "order.freight": ("gt", 0, told([a_line(), a_line("F", "", 1, 700, kind="freight")]), PLAIN),
    "order.paid_per_unit": ("between", [333, 333], told([a_line(units=3)]), PLAIN),
    "order.dearest_line": ("gt", 1000, told([a_line(), a_line("2", "B", 2, 1500)]), told([a_line(), a_line("2", "B")])),
    "order.cheapest_unit": ("lt", 900, told([a_line(), a_line("2", "B", 2)]),
                            told([a_line(), a_line("2", "B", paid=0, is_gift=True)])),
    "order.discount_merchant": ("gt", 0, told([a_line(list_amount=1500)]), PLAIN),
    "order.discount_platform": ("gt", 0, told([
        a_line(list_amount=1500, discount_merchant=0, discount_platform=500)]), told([a_line(list_amount=1500)])),
    "order.discount_coin": ("gt", 0, told([a_line(list_amount=1500, discount_merchant=0, discount_coin=500)]), PLAIN),
    "order.discount_member": ("gt", 0, told([
        a_line(list_amount=1500, discount_merchant=0, discount_member=500)]), PLAIN),
    "order.discount_distributor": ("gt", 0, told([
        a_line(list_amount=1500, discount_merchant=0, discount_distributor=500)]), PLAIN),
    "order.discount": ("ge", 600, told([a_line(list_amount=1600, discount_merchant=300, discount_coin=300)]),
                       told([a_line(list_amount=1300)])),
    "order.discount_percent": ("ge", "33.33", told([a_line(list_amount=1500)]), told([a_line(list_amount=1400)])),
    "order.tax": ("gt", 0, told([a_line(tax_amount=130)]), PLAIN),
    "order.refunded": ("gt", 0, told(then="update order_line set refunded_amount = 100 where order_id = :id"), PLAIN),
    "order.has_cost": ("eq", False, told([a_line(), a_line("2", "D")]), told([a_line("1", "SET")])),
    "order.cost": ("eq", 1500, told([a_line("1", "SET")]), PLAIN),
    "order.margin": ("lt", 0, told([a_line(paid=400)]), PLAIN),
    "order.margin_percent": ("lt", "20", told([a_line(paid=600)]), PLAIN),
    "order.worst_line_margin": ("lt", 0, told([a_line(paid=9000), a_line("2", "B", paid=400)]),
                                told([a_line(), a_line("2", "B", paid=0, is_gift=True)])),
    "order.payment_kinds": ("contains_any", ["cod"], told(is_cod=True), PLAIN),
    "order.deposit": ("ge", 300, told(payments=[
        {"kind": "deposit", "amount": 300, "paid_at": "2026-11-20T00:00:00+00:00"},
        {"kind": "balance", "amount": 700}]), PLAIN),
    "order.amount_due": ("ge", 700, told(payments=[{"kind": "balance", "amount": 700}]), told(is_cod=True)),
    "order.wants_invoice": ("eq", True, told(
        then="insert into invoice_request (order_id, kind, sealed) values (:id, 'company', '')"), PLAIN),
    "order.invoice_kinds": ("contains_any", ["special"], told(
        then="insert into invoice_request (order_id, kind, sealed) values (:id, 'special', '')"), PLAIN),
    "order.has_issued_invoice": ("eq", True, told(
        then="insert into invoice_request (order_id, kind, sealed, state) values (:id, 'company', '', 'issued')"), told(
        then="insert into invoice_request (order_id, kind, sealed) values (:id, 'company', '')")),
}  # fmt: skip
