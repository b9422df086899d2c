"""What an account of Amazon is asked for, the platform's limits, and where each region answers. No calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from connectors.contract.manifest import Account, Field, Manifest
from connectors.marketplaces.amazon.operations import OPERATIONS

TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address, not a token
GATEWAYS = {
    "na": "https://sellingpartnerapi-na.amazon.com",
    "eu": "https://sellingpartnerapi-eu.amazon.com",
    "fe": "https://sellingpartnerapi-fe.amazon.com",
}
#: Where a seller grants access; Amazon has one page for each country and these are each region's largest.
CONSENT_PAGES = {
    "na": "https://sellercentral.amazon.com",
    "eu": "https://sellercentral-europe.amazon.com",
    "fe": "https://sellercentral.amazon.co.jp",
}

FIELDS = (
    Field("region", "区域", "Region", default="na", hint_zh="na、eu 或 fe", hint_en="na, eu or fe"),
    Field(
        "marketplace_ids",
        "站点编号",
        "Marketplace ids",
        hint_zh="逗号分隔，如 ATVPDKIKX0DER",
        hint_en="Comma separated, e.g. ATVPDKIKX0DER; all of one region",
    ),
    Field(
        "seller_id", "卖家编号", "Seller id", required=False, hint_zh="授权后自动填写", hint_en="Filled by authorising"
    ),
    Field("client_id", "LWA 客户端编号", "LWA client id"),
    Field("client_secret", "LWA 客户端密钥", "LWA client secret", secret=True),
    Field(
        "application_id",
        "应用编号",
        "Application id",
        required=False,
        hint_zh="amzn1.sp.solution…，在授权页使用",
        hint_en="amzn1.sp.solution…, for the consent page; a self-authorised app needs none",
    ),
    Field(
        "consent_page",
        "授权页地址",
        "Seller Central address",
        required=False,
        hint_zh="留空则按区域",
        hint_en="Empty: by region",
    ),
    Field(
        "app_is_draft",
        "应用未发布",
        "App is a draft",
        required=False,
        default="no",
        hint_zh="yes 或 no",
        hint_en="yes/no",
    ),
    Field("refresh_token", "刷新令牌", "Refresh token", secret=True, required=False),
    Field("access_token", "访问令牌", "Access token", secret=True, required=False),
    Field(
        "push_secret",
        "通知转发密钥",
        "Forwarder secret",
        secret=True,
        required=False,
        hint_zh="通知进入自己的 SQS/EventBridge，由转发程序用此密钥签名后转给本系统",
        hint_en="Notifications arrive in your own queue; its forwarder signs them for us with this secret",
    ),
    Field(
        "queue_arn",
        "通知队列 ARN",
        "Queue ARN",
        required=False,
        hint_zh="自己的 SQS 队列；填写后由本系统订阅订单变化",
        hint_en="Your own SQS queue; with it changes of orders are subscribed by call",
    ),
    Field(
        "auth_url",
        "令牌地址",
        "Token address",
        required=False,
        hint_zh="留空为 api.amazon.com；设了网关则在网关下",
        hint_en="Empty: api.amazon.com, or below the account's own gateway",
    ),
    Field(
        "currency",
        "默认币种",
        "Currency",
        required=False,
        hint_zh="仅用于没有价格、站点未知的订单",
        hint_en="Only for orders without a price on a marketplace not known here",
    ),
    # A search comes back in 179 seconds; what this leaves over serves certificates and backfills.
    Field("poll_seconds", "最短轮询间隔（秒）", "Shortest poll (seconds)", required=False, default="240"),
    Field(
        "returns_minutes",
        "退货报表间隔（分钟）",
        "Minutes between returns reports",
        required=False,
        default="60",
    ),
    Field(
        "returns_days",
        "退货报表回看天数",
        "Days a returns report looks back",
        required=False,
        default="30",
        hint_zh="退货按申请日期列出，之后的变化靠回看（最多 60）",
        hint_en="Returns are listed by their day of request; later changes are seen by looking back (at most 60)",
    ),
    Field(
        "carrier_codes",
        "承运商对照",
        "Carrier codes",
        required=False,
        hint_zh="如 SF=SF Express, ZTO=Other",
        hint_en="e.g. SF=SF Express, ZTO=Other; ours = Amazon's",
    ),
    Field("shipping_method", "配送方式名称", "Shipping method", required=False, default="Standard"),
    Field(
        "cancel_reason",
        "取消原因代码",
        "Cancel reason code",
        required=False,
        default="NoInventory",
        hint_zh="订单确认文件的 cancellation-reason-code",
        hint_en="cancellation-reason-code of the acknowledgement file",
    ),
    Field(
        "refund_reason",
        "退款原因代码",
        "Refund reason code",
        required=False,
        default="CustomerReturn",
        hint_zh="退款文件的 adjustment-reason-code",
        hint_en="adjustment-reason-code of the adjustment file",
    ),
    Field("product_type", "商品类型", "Product type", required=False, default="PRODUCT"),
)

MANIFEST = Manifest(
    vendor="amazon",
    family="marketplace",
    label_zh="亚马逊",
    label_en="Amazon",
    mark="A",
    gateway=GATEWAYS["na"],
    fields=FIELDS,
    page_size=100,
    widest_window=timedelta(days=7),
    overlap=timedelta(minutes=5),
    lag=timedelta(minutes=2),
    # What Amazon counts are its operations; this keeps a burst of many of them at once in bounds.
    calls_per_second=10.0,
    operations=OPERATIONS,
    levels_a_push=1000,
    platform_code="AMAZON",
    created_list_zh="按创建时间搜索的订单",
    created_list_en="orders searched by time of creation",
)


def setting(account: Account, name: str) -> str:
    """A setting, else the default its field declares."""
    told = account.settings.get(name, "").strip()
    return told or next((each.default for each in FIELDS if each.name == name), "")


def whole_setting(account: Account, name: str, least: int, most: int) -> int:
    """A setting that is a whole number, kept within bounds; nonsense counts as the default."""
    told = setting(account, name)
    default = next((each.default for each in FIELDS if each.name == name), "0")
    return min(max(int(told if told.isdecimal() else default), least), most)


def marketplaces_of(account: Account) -> list[str]:
    """The marketplace ids an account sells on."""
    return [word.strip() for word in setting(account, "marketplace_ids").split(",") if word.strip()]


def pairs_of(account: Account, name: str) -> Mapping[str, str]:
    """A setting written as `A=b, C=d`."""
    parts = (part.partition("=") for part in setting(account, name).split(","))
    return {left.strip(): right.strip() for left, _, right in parts if left.strip() and right.strip()}
