"""What a Qimen account needs: the manifest with its settings and secrets."""

from __future__ import annotations

from connectors.contract.manifest import Field, Manifest

_SENDER_HINT_ZH, _SENDER_HINT_EN = "按仓库覆盖：加 @仓库编码", "per warehouse: append @ and its code"


def _sender(name: str, label_zh: str, label_en: str, *, required: bool = True) -> Field:
    return Field(name, label_zh, label_en, required=required, hint_zh=_SENDER_HINT_ZH, hint_en=_SENDER_HINT_EN)


MANIFEST = Manifest(
    vendor="qimen",
    family="warehouse",
    label_zh="奇门仓储",
    label_en="Qimen warehouse",
    mark="奇",
    gateway="https://qimen.api.taobao.com/router/qimen/service",
    fields=(
        Field("app_key", "应用编码", "App key"),
        Field("customer_id", "客户编码", "Customer id", hint_zh="路由参数 customerId", hint_en="routes to the warehouse"),
        Field("owner_code", "货主编码", "Owner code"),
        Field("secret", "应用密钥", "App secret", secret=True),
        _sender("sender_name", "发件人", "Sender name"),
        _sender("sender_mobile", "发件手机", "Sender mobile"),
        _sender("sender_province", "发件省", "Sender province"),
        _sender("sender_city", "发件市", "Sender city"),
        _sender("sender_area", "发件区", "Sender district", required=False),
        _sender("sender_address", "发件详细地址", "Sender address"),
        Field(
            "warehouse_code",
            "默认仓库编码",
            "Default warehouse code",
            required=False,
            hint_zh="库存查询与商品同步使用",
            hint_en="for stock queries and item synchronisation",
        ),
        Field("sign_method", "签名方式", "Signature", required=False, default="md5", hint_en="md5, hmac, hmac-sha256"),
        Field("version", "接口版本", "API version", required=False, default="2.0"),
        Field(
            "method_prefix",
            "方法前缀",
            "Method prefix",
            required=False,
            default="taobao.qimen.",
            hint_zh="直连仓库填 none",
            hint_en="none for a warehouse without gateway",
        ),
        Field(
            "pending_first",
            "截停先挂起",
            "Pause before cancelling",
            required=False,
            hint_zh="填 yes：仓库支持 order.pending",
            hint_en="yes: the warehouse supports order.pending",
        ),
        Field(
            "batch_create",
            "批量下发",
            "Create in batches",
            required=False,
            hint_zh="填 yes：仓库支持 deliveryorder.batchcreate",
            hint_en="yes: the warehouse supports deliveryorder.batchcreate",
        ),
        Field(
            "print_data_key",
            "面单打印数据的键名",
            "Key of the label's print data",
            required=False,
            hint_zh="与仓库约定的 extendProps 键名；不填不传",
            hint_en="its name in extendProps, agreed with the warehouse; empty sends none",
        ),
        Field("push_window_seconds", "回传时间窗（秒）", "Push window (seconds)", required=False, default="600"),
        Field(
            "split_separator",
            "拆单号分隔符",
            "Split number separator",
            required=False,
            default="-",
            hint_zh="填 none 不加后缀",
            hint_en="none sends the plain order number",
        ),
    ),
    calls_per_second=20.0,
)

REQUIRED = tuple(field.name for field in MANIFEST.fields if field.required)
