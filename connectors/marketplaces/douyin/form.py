"""The settings and secrets of a Douyin shop's account; the console draws its form from them."""

from __future__ import annotations

from connectors.contract.manifest import Field

FIELDS = (
    Field("app_key", "应用 App Key", "App key"),
    Field("app_secret", "应用 App Secret", "App secret", secret=True),
    Field(
        "access_token",
        "店铺授权令牌",
        "Access token",
        secret=True,
        required=False,
        hint_zh="店铺授权后自动得到并续期",
        hint_en="Given when the shop authorises the app, and renewed by itself",
    ),
    Field(
        "refresh_token",
        "刷新令牌",
        "Refresh token",
        secret=True,
        required=False,
        hint_zh="店铺授权后自动得到，14 天内有效",
        hint_en="Given when the shop authorises the app; lasts 14 days",
    ),
    Field(
        "service_id",
        "服务市场服务编号",
        "Service id",
        required=False,
        hint_zh="工具型应用授权页要用；自用应用留空",
        hint_en="For the authorisation page of an app in the service market; empty for a shop's own app",
    ),
    Field(
        "shop_id",
        "店铺编号",
        "Shop id",
        required=False,
        hint_zh="自用应用以此换取令牌",
        hint_en="A shop's own app gets its token by this",
    ),
    Field(
        "sign_method",
        "签名算法",
        "Signature method",
        required=False,
        default="hmac-sha256",
        hint_zh="hmac-sha256 或 md5",
        hint_en="hmac-sha256 or md5",
    ),
    Field(
        "since",
        "抓单起点",
        "Capture from",
        required=False,
        hint_zh="如 2026-01-15T00:00:00+08:00；留空从现在开始",
        hint_en="e.g. 2026-01-15T00:00:00+08:00; empty starts now",
    ),
    Field(
        "carriers",
        "快递公司编码补充",
        "More carrier codes",
        required=False,
        hint_zh="如 ZTO=zhongtong,XYZ=xinyuzhou；以抖店物流公司列表为准",
        hint_en="e.g. ZTO=zhongtong,XYZ=xinyuzhou; by Douyin's list of logistics companies",
    ),
    Field(
        "return_address_no",
        "退货地址编号",
        "Return address number",
        required=False,
        hint_zh="同意退货或换货时用，见抖店地址库",
        hint_en="Where goods go back to when a return or exchange is agreed; from Douyin's address book",
    ),
    Field(
        "refuse_refunds",
        "发货即拒绝退款",
        "Shipping refuses refunds",
        required=False,
        default="no",
        hint_zh="yes：发货时拒绝未处理的退款申请；no：有退款申请时平台不收发货",
        hint_en="yes: writing a parcel back refuses a refund that is asked; no: Douyin then takes no parcel",
    ),
)
