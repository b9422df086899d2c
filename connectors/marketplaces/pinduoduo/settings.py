"""What an account of Pinduoduo wants to know; facts that the platform leaves open stand here with what is used."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract.manifest import Field, Manifest
from connectors.marketplaces.pinduoduo.channel import GATEWAY as MESSAGES
from connectors.marketplaces.pinduoduo.grants import PAGE, TOKENS

FIELDS = (
    Field("client_id", "应用标识", "Client id"),
    Field("client_secret", "应用密钥", "Client secret", secret=True),
    Field(
        "access_token",
        "店铺授权令牌",
        "Access token",
        secret=True,
        hint_zh="店铺主账号授权后得到，到期自动续期",
        hint_en="Given when the shop's main account authorises the app; it is renewed by itself",
    ),
    Field("refresh_token", "续期令牌", "Refresh token", secret=True, required=False),
    Field(
        "since",
        "抓单起点",
        "Capture from",
        required=False,
        hint_zh="如 2026-01-15T00:00:00+08:00；留空从现在开始，平台只保留三个月",
        hint_en="e.g. 2026-01-15T00:00:00+08:00; empty starts now, the platform keeps three months",
    ),
    Field(
        "carriers",
        "物流公司编号",
        "Carriers",
        required=False,
        hint_zh="系统代码=拼多多物流公司编号，如 ZTO=115,JT=384；留空用内置对照表",
        hint_en="our code=Pinduoduo's company id, e.g. ZTO=115,JT=384; empty uses the built-in table",
    ),
    Field(
        "trade_types",
        "订单类型",
        "Kinds of orders",
        required=False,
        hint_zh="留空查询一次不分类型；0,1 分别查询普通与定金订单",
        hint_en="empty asks once without a kind; 0,1 asks for normal and deposit orders one after the other",
    ),
    Field(
        "case_statuses",
        "售后状态",
        "Statuses of cases",
        required=False,
        default="1",
        hint_zh="1 为全部；如平台不接受，写 2,3,4,5,6,7,8,9,10,11 等逐个查询",
        hint_en="1 is all; where the platform does not take it, write 2,3,4,5,6,7,8,9,10,11 … to ask one by one",
    ),
    Field(
        "case_amounts",
        "售后详情金额单位",
        "Unit of a case's amounts",
        required=False,
        default="fen",
        hint_zh="fen（分）或 yuan（元）",
        hint_en="fen or yuan",
    ),
    Field(
        "lottery",
        "抽奖订单",
        "Lottery orders",
        required=False,
        default="hold",
        hint_zh="hold 挂起，ship 照常发货",
        hint_en="hold them, or ship them like others",
    ),
    Field(
        "subscribed_depot",
        "订阅仓订单",
        "Orders of a subscribed depot",
        required=False,
        default="platform",
        hint_zh="platform 由仓库自行发货，us 由我们发货",
        hint_en="platform: the depot ships them by itself; us: we ship them",
    ),
    Field("authorise_page", "授权页面", "Authorisation page", required=False, default=PAGE),
    Field("oauth_gateway", "令牌网关", "Token address", required=False, default=TOKENS),
    Field("message_gateway", "消息服务地址", "Message address", required=False, default=MESSAGES),
)

MANIFEST = Manifest(
    vendor="pinduoduo",
    family="marketplace",
    label_zh="拼多多",
    label_en="Pinduoduo",
    mark="拼",
    gateway="https://gw-api.pinduoduo.com/api/router",
    fields=FIELDS,
    page_size=100,
    widest_window=timedelta(minutes=30),
    overlap=timedelta(minutes=5),
    # The platform lists nothing younger than three minutes; the rest is for clocks that differ.
    lag=timedelta(minutes=3, seconds=5),
    # Its tightest limit of a shop: 100 lists of cases in ten seconds.
    calls_per_second=10.0,
    platform_code="PDD",
    created_list_zh="按成交时间查询的订单基础信息",
    created_list_en="basic orders, by time of the deal",
)

#: How wide a window the list by confirmation may be.
CONFIRMED_WINDOW = timedelta(hours=24)
