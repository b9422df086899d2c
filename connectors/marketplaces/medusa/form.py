"""The settings of a Medusa shop, and how its documents are read with them."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract.manifest import Field
from connectors.marketplaces.medusa.orders import Reading
from connectors.marketplaces.medusa.payments import Terms

FIELDS = (
    Field(
        "api_key",
        "密钥",
        "Secret API key",
        secret=True,
        hint_zh="后台 设置 > Secret API keys 创建，以 sk_ 开头",
        hint_en="Made in the admin under Settings > Secret API keys; begins with sk_",
    ),
    Field(
        "relay_secret",
        "转发签名密钥",
        "Relay secret",
        secret=True,
        required=False,
        hint_zh="商城订阅器向本系统转发事件时的签名密钥；不转发可留空",
        hint_en="Signs the events that the store's subscriber relays to us; empty without a relay",
    ),
    Field(
        "sales_channel_id",
        "销售渠道",
        "Sales channel",
        required=False,
        hint_zh="sc_ 开头；留空为全部渠道",
        hint_en="Begins with sc_; empty takes all",
    ),
    Field(
        "location_id",
        "库存地点",
        "Stock location",
        required=False,
        hint_zh="sloc_ 开头；发货与库存写入此处，只有一个地点时可留空",
        hint_en="Begins with sloc_; parcels and stock are written there; may be empty if there is but one",
    ),
    Field(
        "ship_on",
        "可发货条件",
        "Ship once",
        required=False,
        default="authorized",
        hint_zh="authorized 授权即发，captured 扣款后发",
        hint_en="authorized: as soon as the money is promised; captured: once it is taken",
    ),
    Field(
        "cod_providers",
        "货到付款支付方式",
        "Cash-on-delivery providers",
        required=False,
        hint_zh="支付提供方编号，逗号分隔",
        hint_en="Ids of payment providers, with commas between",
    ),
    Field(
        "other_shipping_options",
        "他方发货的配送方式",
        "Shipping options others fulfil",
        required=False,
        hint_zh="so_ 开头，逗号分隔；这些订单只记录不发货",
        hint_en="Begin with so_, commas between; such orders are kept and never shipped by us",
    ),
    Field(
        "tracking_url",
        "物流查询网址",
        "Tracking address",
        required=False,
        hint_zh="如 https://track.example.com/{waybill}",
        hint_en="e.g. https://track.example.com/{waybill}",
    ),
    Field("currency", "货品标价币种", "Currency of listings", required=False, hint_zh="如 EUR", hint_en="e.g. EUR"),
    Field("message_key", "买家留言字段", "Metadata key of the buyer's message", required=False, default="note"),
    Field("memo_key", "卖家备注字段", "Metadata key of the seller's memo", required=False, default="oms_memo"),
    Field("flag_key", "旗帜字段", "Metadata key of the flag", required=False, default="oms_flag"),
    Field(
        "since",
        "抓单起点",
        "Capture from",
        required=False,
        hint_zh="如 2026-01-15T00:00:00+08:00；留空从现在开始",
        hint_en="e.g. 2026-01-15T00:00:00+08:00; empty starts now",
    ),
)


def reading_of(settings: Mapping[str, str]) -> Reading:
    """The settings that parsing depends on; empty ones keep their defaults."""
    defaults = Reading()
    return Reading(
        Terms(settings.get("ship_on") or "authorized", _listed(settings.get("cod_providers", ""))),
        settings.get("message_key") or defaults.message_key,
        settings.get("memo_key") or defaults.memo_key,
        settings.get("flag_key") or defaults.flag_key,
        _listed(settings.get("other_shipping_options", "")),
    )


def _listed(told: str) -> frozenset[str]:
    return frozenset(word for part in told.split(",") if (word := part.strip()))
