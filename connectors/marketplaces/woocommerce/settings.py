"""What a WooCommerce account is asked for; the defaults fit a shop without extensions."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract.manifest import Field, Manifest

_ACCESS = (
    Field(
        "site",
        "网站地址",
        "Site address",
        hint_zh="如 https://shop.example.com；账号另填网关时以网关为准",
        hint_en="e.g. https://shop.example.com; a gateway of the account goes before it",
    ),
    Field("consumer_key", "用户密钥 ck_", "Consumer key ck_", secret=True),
    Field(
        "consumer_secret",
        "用户私钥 cs_",
        "Consumer secret cs_",
        secret=True,
        hint_zh="WooCommerce → 设置 → 高级 → REST API，权限选读/写，用户须为店铺管理员",
        hint_en="WooCommerce → Settings → Advanced → REST API, read/write, of a shop manager",
    ),
    Field(
        "webhook_secret",
        "Webhook 密钥",
        "Webhook secret",
        secret=True,
        required=False,
        hint_zh="与店铺 webhook 里填写的一致；主题选 order.created、order.updated、order.deleted",
        hint_en="As typed into the shop's webhooks, topics order.created, order.updated, order.deleted",
    ),
    Field(
        "auth",
        "认证方式",
        "Way to sign in",
        required=False,
        default="basic",
        hint_zh="basic；服务器丢弃 Authorization 头时用 query；没有 HTTPS 时用 oauth",
        hint_en="basic; query where a host drops the Authorization header; oauth without HTTPS",
    ),
    Field(
        "permalinks",
        "固定链接",
        "Permalinks",
        required=False,
        default="pretty",
        hint_zh="pretty，或网站使用“朴素”链接时填 plain",
        hint_en="pretty, or plain where the site uses plain permalinks",
    ),
    Field(
        "since",
        "抓单起点",
        "Capture from",
        required=False,
        hint_zh="如 2026-01-15T00:00:00+08:00；留空从现在开始",
        hint_en="e.g. 2026-01-15T00:00:00+08:00; empty starts now",
    ),
)
_HABITS = (
    Field(
        "statuses",
        "自定义订单状态",
        "Statuses of your own",
        required=False,
        hint_zh="如 packed=open,sent=shipped；可用 unpaid、open、part_shipped、shipped、completed、cancelled",
        hint_en="e.g. packed=open,sent=shipped; of unpaid, open, part_shipped, shipped, completed, cancelled",
    ),
    Field(
        "cod_methods",
        "货到付款方式",
        "Cash on delivery methods",
        required=False,
        default="cod",
        hint_zh="付款方式代码，逗号分隔",
        hint_en="Ids of payment methods, with commas",
    ),
    Field(
        "gateway_refund",
        "退款由支付插件原路退回",
        "Refund through the payment plugin",
        required=False,
        default="yes",
        hint_zh="yes，或 no：只在店铺记账",
        hint_en="yes, or no: only noted in the shop",
    ),
)
_SHIPPING = (
    Field(
        "shipments",
        "物流回传方式",
        "Where parcels are written",
        required=False,
        default="auto",
        hint_zh="auto、fulfillments（WooCommerce 发货单）、tracking（Shipment Tracking 插件）或 notes（订单备注）",
        hint_en="auto, fulfillments (WooCommerce's own), tracking (extension Shipment Tracking) or notes",
    ),
    Field(
        "shipped_status",
        "全部发货后的状态",
        "Status once all has left",
        required=False,
        default="completed",
        hint_zh="改为该状态会触发店铺邮件；填 keep 则不改状态",
        hint_en="Setting it makes the shop send its mail; keep leaves the status alone",
    ),
    Field(
        "part_shipped_status",
        "部分发货后的状态",
        "Status once a part has left",
        required=False,
        default="keep",
        hint_zh="WooCommerce 本身没有；插件常用 partial-shipped；keep 不改状态",
        hint_en="The core has none, plugins often partial-shipped; keep leaves the status alone",
    ),
    Field(
        "tracking_link",
        "物流查询链接",
        "Tracking page",
        required=False,
        default="https://t.17track.net/en#nums=%1$s",
        hint_zh="%1$s 代表运单号",
        hint_en="%1$s stands for the waybill",
    ),
    Field(
        "notify_buyer",
        "发货时通知买家",
        "Tell the buyer of parcels",
        required=False,
        default="yes",
        hint_zh="yes 或 no",
        hint_en="yes or no",
    ),
)

MANIFEST = Manifest(
    vendor="woocommerce",
    family="marketplace",
    label_zh="WooCommerce 独立站",
    label_en="WooCommerce",
    mark="W",
    gateway="https://shop.example.com",
    fields=_ACCESS + _HABITS + _SHIPPING,
    page_size=50,
    widest_window=timedelta(hours=6),
    overlap=timedelta(minutes=10),
    lag=timedelta(seconds=5),
    calls_per_second=2.0,
    levels_a_push=100,
    platform_code="OTHER",
    created_list_zh="按下单时间查询的订单",
    created_list_en="orders by time of creation",
)
