"""What kept facts are compressed with: names and usual values, in the order in which they are written.

Each dictionary is frozen: rows that were written with one are read with it for ever. Facts that are new since compress a
little less well, until another dictionary is added below under the next number.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = (
    '"address_changed","already_shipped","amounts_differ","bad_address","bad_phone","balance","balance_unpaid",'
    '"below_floor","blacklist","by_rule","cancelled","ciphertext_address","company","completed","courier",'
    '"courier_suspended","deposit","distributor","double_address","emergency_stop","exchange","finance",'
    '"fraud_flag","freight","gift_card","gift_only","goods_changed","invoice_changed","invoice_wanted",'
    '"large_goods","logistics","memo_changed","memo_present","mergeable_sibling","message_present",'
    '"negative_margin","no_stock_point","observing","out_of_zone","oversold","part_shipped","personal",'
    '"pipeline_failed","platform","platform_hold","possible_duplicate","prepaid","presale","refund_asked",'
    '"refused","returned","routed_too_often","sent_back","service","shipped","short_of_stock","sibling_refund",'
    '"special","stopped_by_rule","succeeded","too_many_parcels","unmatched_sku","unpaid_sibling","waiting",'
    '"warehouse"true,,{"unknown":true},,[","],,+00:00",,Z",{"buyer.is_blacklisted":false,'
    '"buyer.is_first_order":false,"buyer.is_known":false,"buyer.last_order_at":"2026-11-21T0,"buyer.level":null,'
    '"buyer.open_orders":0,"buyer.orders_30d":0,"buyer.orders_90d":0,"buyer.paid_total":0,"buyer.refunds_30d":0,'
    '"buyer.refunds_90d":0,"buyer.unpaid_orders":0,"case.age":0,"case.amount":0,"case.earlier":0,'
    '"case.goods_have_left":false,"case.is_whole_order":false,"case.kind":"refund","case.lines":0,'
    '"case.reason":null,"case.state":"asked","case.time_left":0,"case.units":0,"goods.bundles":[],'
    '"goods.categories":[],"goods.has_virtual":false,"goods.heaviest":0,"goods.packed_units":0,"goods.sizes":[],'
    '"goods.sku_count":0,"goods.skus":[],"goods.volume":0,"goods.weight":0,"lines.are_bound":false,'
    '"lines.are_gifts":false,"lines.fulfillers":[],"lines.gift_units":0,"lines.kinds":[],"lines.listings":[],'
    '"lines.most_units":0,"lines.refunds":[],"lines.seller_codes":[],"lines.titles":null,"lines.unmatched":0,'
    '"lines.variants":[],"order.age":0,"order.amount_due":0,"order.buyer_currency":null,"order.capture_delay":0,'
    '"order.captured_at":"2026-11-21T0,"order.case_amount":0,"order.case_kinds":[],"order.cases":0,'
    '"order.cheapest_unit":0,"order.collect_by":"2026-11-21T0,"order.cost":0,"order.currency":null,'
    '"order.dearest_line":0,"order.deposit":0,"order.discount":0,"order.discount_coin":0,'
    '"order.discount_distributor":0,"order.discount_member":0,"order.discount_merchant":0,'
    '"order.discount_percent":"0.0,"order.discount_platform":0,"order.division":null,"order.flag":null,'
    '"order.freight":0,"order.fulfiller":"us","order.goods_paid":0,"order.has_cost":false,'
    '"order.has_issued_invoice":false,"order.has_memo":false,"order.has_message":false,"order.holds":[],'
    '"order.holds_lifted":[],"order.hour":0,"order.invoice_kinds":[],"order.is_cod":false,"order.is_late":false,'
    '"order.is_presale":false,"order.is_sealed":false,"order.keeps_together":false,"order.lines":0,'
    '"order.list":0,"order.margin":0,"order.margin_percent":"0.0,"order.memo":{"sealed":",'
    '"order.message":{"sealed":","order.number":null,"order.open_cases":0,"order.ordered_at":"2026-11-21T0,'
    '"order.origin":"platform","order.owner":"own","order.paid":0,"order.paid_at":"2026-11-21T0,'
    '"order.paid_for":0,"order.paid_per_unit":0,"order.parcels":0,"order.payment_kinds":[],'
    '"order.platform_holds":[],"order.platform_state":"unpaid","order.platform_status":null,"order.priority":0,'
    '"order.refunded":0,"order.ship_by":"2026-11-21T0,"order.tags":[],"order.tax":0,"order.term":"cod",'
    '"order.tiers_passed":[],"order.time_left":0,"order.units":0,"order.wants_invoice":false,"order.weekday":"1",'
    '"order.worst_line_margin":0,"plan.attempts":0,"plan.carriers":[],"plan.failure":"short_of_stock",'
    '"plan.is_from_main":false,"plan.point_kinds":[],"plan.points":[],"plan.short_units":0,"plan.stock_left":0,'
    '"receiver.city":null,"receiver.city_name":null,"receiver.country":null,"receiver.district":null,'
    '"receiver.district_name":null,"receiver.is_abroad":false,"receiver.is_blacklisted":false,'
    '"receiver.is_masked":false,"receiver.missing":[],"receiver.name":{"sealed":","receiver.phone":{"sealed":",'
    '"receiver.postcode":{"sealed":","receiver.province":null,"receiver.province_name":null,'
    '"receiver.reached_by":[],"receiver.street":{"sealed":","receiver.town":{"sealed":","shop.cases_7d":0,'
    '"shop.channel":null,"shop.code":null,"shop.currency":null,"shop.group":null,"shop.live_since":"2026-11-21T0,'
    '"shop.mode":"live","shop.name":null,"shop.orders_1h":0,"shop.owner":"own","shop.platform":null,'
    '"shop.pool":null,"shop.user_group":null,"shop.vendor":null,"time.hour":0,"time.weekday":"1",'
)

#: By the byte that a kept value begins with; the newest one is written with.
DICTIONARIES: Final = {1: _FIRST.encode()}
NEWEST: Final = 1
