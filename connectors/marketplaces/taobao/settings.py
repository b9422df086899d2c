"""What an account of Taobao wants to know."""

from __future__ import annotations

from connectors.contract.manifest import Field
from connectors.marketplaces.taobao.grants import PAGE

FIELDS = (
    Field("app_key", "应用标识", "App key"),
    Field("app_secret", "应用密钥", "App secret", secret=True),
    Field(
        "session",
        "店铺授权令牌",
        "Shop session",
        secret=True,
        hint_zh="店铺授权后得到，过期需重新授权",
        hint_en="Given when the shop authorises the app; authorise again when it expires",
    ),
    Field(
        "refresh_token",
        "续期令牌",
        "Refresh token",
        secret=True,
        required=False,
        hint_zh="只有服务市场的应用能续期；留空则到期后重新授权",
        hint_en="Only apps of the service market may renew; without it authorise again when the session ends",
    ),
    Field(
        "sign_method",
        "签名算法",
        "Signature method",
        required=False,
        default="hmac-sha256",
        hint_zh="md5、hmac 或 hmac-sha256",
        hint_en="md5, hmac or hmac-sha256",
    ),
    Field("authorise_page", "授权页面", "Authorisation page", required=False, default=PAGE),
    Field(
        "since",
        "抓单起点",
        "Capture from",
        required=False,
        hint_zh="如 2026-01-15T00:00:00+08:00；留空从现在开始",
        hint_en="e.g. 2026-01-15T00:00:00+08:00; empty starts now",
    ),
)
