"""Carriers of the platform by the code that a shipment names."""

CARRIERS = {
    "shunfeng": (12, "顺丰速运"), "zhongtong": (15, "中通快递"), "yuantong": (7, "圆通快递"), "yunda": (9, "韵达快递"),
    "shentong": (8, "申通快递"), "jtexpress": (1074, "极兔速递"), "youzhengguonei": (14, "邮政快递包裹"),
    "ems": (17, "EMS"), "jd": (1005, "京东物流"), "debangkuaidi": (19, "德邦快递"), "danniao": (1081, "丹鸟"),
    "zhongtongkuaiyun": (1045, "中通快运"),
}  # fmt: skip


def carrier_name(code: str) -> str:
    return CARRIERS[code][1] if code in CARRIERS else code
