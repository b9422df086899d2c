"""Medusa's words and the hub's, and which fields are asked for. Tables only."""

from __future__ import annotations

from connectors.contract.records import OrderState, RefundState

#: Order.status for what has ended or not begun; "pending" is decided by money and quantities.
ENDED = {
    "completed": OrderState.COMPLETED,
    "archived": OrderState.COMPLETED,
    "canceled": OrderState.CANCELLED,
    "draft": OrderState.UNPAID,
    "requires_action": OrderState.UNPAID,
}
PENDING = "pending"

#: Computed payment_status → whether the goods may leave: "authorized" and "captured" name the earliest setting.
PAYMENTS = {
    "not_paid": "",
    "awaiting": "",
    "requires_action": "",
    "canceled": "",
    "partially_authorized": "",
    "authorized": "authorized",
    "partially_captured": "authorized",
    "captured": "captured",
    "partially_refunded": "captured",
    "refunded": "captured",
}
REFUNDED = "refunded"

#: Computed fulfillment_status; only known or unknown matters, since it counts fulfilments and not goods.
FULFILMENTS = frozenset(
    {
        "",
        "not_fulfilled",
        "partially_fulfilled",
        "fulfilled",
        "partially_shipped",
        "shipped",
        "partially_delivered",
        "delivered",
        "canceled",
    }
)

RETURNS = {
    "open": RefundState.ASKED,  # drafted, not yet confirmed
    "requested": RefundState.AGREED,
    "partially_received": RefundState.RETURNED,
    "received": RefundState.RETURNED,
    "canceled": RefundState.CLOSED,
}

#: What Medusa lets the seller do with a case, by the state of its return.
ALLOWS = {
    "open": ("agree", "refuse"),
    "requested": ("refuse", "goods_received"),
    "partially_received": ("goods_received",),
    "received": ("refund",),
}

FLAGS = ("grey", "red", "yellow", "green", "blue", "purple")

_MONEY = (
    "*items,*items.tax_lines,*items.adjustments,*items.detail,*payment_collections,*payment_collections.payments,"
    "*payment_collections.payments.captures,*payment_collections.payments.refunds"
)
_METHODS = "*shipping_methods,*shipping_methods.tax_lines,*shipping_methods.adjustments,*shipping_methods.detail"
_FULFILMENTS = "*fulfillments,*fulfillments.items,*fulfillments.labels"

#: Lists leave relations out unless they are named; plain names replace the defaults.
ORDER_FIELDS = (
    "id,display_id,custom_display_id,status,version,email,currency_code,region_id,sales_channel_id,customer_id,"
    "metadata,created_at,updated_at,canceled_at,payment_status,fulfillment_status,"
    f"{_MONEY},{_FULFILMENTS},{_METHODS},*shipping_address,*credit_lines"
)
#: The parts of an order that its cases, parcels and refunds need; no names, no addresses.
CASE_ORDER_FIELDS = f"id,status,currency_code,updated_at,{_MONEY},{_METHODS}"
#: Added to the defaults of a return: how its goods come back.
RETURN_FIELDS = "*fulfillments,*fulfillments.labels"
PARCEL_FIELDS = f"id,status,updated_at,*items,*items.detail,{_FULFILMENTS}"
MONEY_FIELDS = "id,currency_code,updated_at,*payment_collections,*payment_collections.payments"
REFUND_FIELDS = f"{MONEY_FIELDS},*payment_collections.payments.captures,*payment_collections.payments.refunds"
PAYMENT_FIELDS = (
    "id,updated_at,payment_collection.order.id,payment_collection.order.sales_channel_id,"
    "payment_collection.order.updated_at"
)
VARIANT_FIELDS = (
    "id,title,sku,barcode,manage_inventory,product_id,product.id,product.title,product.status,"
    "prices.amount,prices.currency_code,inventory_items.inventory_item_id,inventory_items.required_quantity,"
    "*inventory_items.inventory.location_levels"
)

_DIVISIONS = (
    "bj=北京市 tj=天津市 he=河北省 sx=山西省 nm=内蒙古自治区 ln=辽宁省 jl=吉林省 hl=黑龙江省 sh=上海市 js=江苏省 "
    "zj=浙江省 ah=安徽省 fj=福建省 jx=江西省 sd=山东省 ha=河南省 hb=湖北省 hn=湖南省 gd=广东省 gx=广西壮族自治区 "
    "hi=海南省 cq=重庆市 sc=四川省 gz=贵州省 yn=云南省 xz=西藏自治区 sn=陕西省 gs=甘肃省 qh=青海省 nx=宁夏回族自治区 "
    "xj=新疆维吾尔自治区 tw=台湾省 hk=香港特别行政区 mo=澳门特别行政区"
)
#: China's provinces by their ISO 3166-2 code, in lower case as Medusa keeps them, by the name that addresses want.
PROVINCES = dict(pair.split("=") for pair in _DIVISIONS.split())
