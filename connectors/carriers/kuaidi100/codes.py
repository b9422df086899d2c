"""kuaidi100's code tables: companies both ways, states of parcels, return codes."""

from __future__ import annotations

from connectors.contract.notices import ParcelState as State

#: Hub carrier code (Qimen style) → kuaidi100 company.
COMPANIES = {
    "SF": "shunfeng",
    "ZTO": "zhongtong",
    "YTO": "yuantong",
    "STO": "shentong",
    "YUNDA": "yunda",
    "HTKY": "huitongkuaidi",
    "EMS": "ems",
    "JD": "jd",
    "ZJS": "zhaijisong",
    "DBKD": "debangkuaidi",
    "JT": "jtexpress",
}
CARRIERS = {company: carrier for carrier, company in COMPANIES.items()}

#: Companies that give no trail without the last digits of a phone.
WANTS_PHONE = frozenset({"shunfeng"})

#: Code → (its base state, the parcel's state). "10" to "13" are details of customs and "14" stands alone:
#: their first digit says nothing, and "0" is a state like any other.
STATES = {
    "0": ("0", State.ON_THE_WAY),  # 在途
    "1001": ("0", State.ON_THE_WAY),  # 到达派件城市
    "1002": ("0", State.ON_THE_WAY),  # 干线
    "1003": ("0", State.ON_THE_WAY),  # 转递
    "1": ("1", State.COLLECTED),  # 揽收
    "101": ("1", State.CREATED),  # 已下单
    "102": ("1", State.CREATED),  # 待揽收
    "103": ("1", State.COLLECTED),  # 已揽收
    "2": ("2", State.TROUBLE),  # 疑难
    "201": ("2", State.TROUBLE),  # 超时未签收
    "202": ("2", State.TROUBLE),  # 超时未更新
    "203": ("2", State.REFUSED),  # 拒收
    "204": ("2", State.TROUBLE),  # 派件异常
    "205": ("2", State.TROUBLE),  # 柜或驿站超时未取
    "206": ("2", State.TROUBLE),  # 无法联系
    "207": ("2", State.TROUBLE),  # 超区
    "208": ("2", State.TROUBLE),  # 滞留
    "209": ("2", State.TROUBLE),  # 破损
    "210": ("2", State.CANCELLED),  # 销单
    "3": ("3", State.DELIVERED),  # 签收
    "301": ("3", State.DELIVERED),  # 本人签收
    "302": ("3", State.DELIVERED),  # 派件异常后签收
    "303": ("3", State.DELIVERED),  # 代签
    "304": ("3", State.DELIVERED),  # 投柜或站签收
    "4": ("4", State.RETURNED),  # 退签
    "401": ("4", State.CANCELLED),  # 已销单
    "14": ("14", State.REFUSED),  # 拒签
    "5": ("5", State.OUT_FOR_DELIVERY),  # 派件
    "501": ("5", State.AT_PICKUP_POINT),  # 投柜或驿站
    "6": ("6", State.RETURNING),  # 退回
    "7": ("7", State.ON_THE_WAY),  # 转投
    "8": ("8", State.ON_THE_WAY),  # 清关
    "10": ("8", State.ON_THE_WAY),  # 待清关
    "11": ("8", State.ON_THE_WAY),  # 清关中
    "12": ("8", State.ON_THE_WAY),  # 已清关
    "13": ("8", State.TROUBLE),  # 清关异常
}

#: Return codes of subscribe: done already counts as done.
SUBSCRIBED = frozenset({"200", "501"})
SUBSCRIBE_LATER = frozenset({"500"})
#: Return codes of query that mean "ask again"; the vendor publishes no list, these are read off its answers.
QUERY_LATER = frozenset({"500", "501", "502"})
KEY_REFUSED = frozenset({"503", "600", "601"})


def parcel_state(code: str) -> State | None:
    """The state of a code; None when it is unknown. A new three-digit detail counts as its base."""
    if code in STATES:
        return STATES[code][1]
    return STATES[code[0]][1] if len(code) == 3 and code.isdigit() and code[0] in STATES else None


def refines(detail: str, base: str) -> bool:
    """Whether a detailed code is a detail of a base state."""
    return detail in STATES and STATES[detail][0] == base


def carrier_of(company: str) -> str:
    """The hub's carrier code; a company without one keeps its own name."""
    return CARRIERS.get(company.lower(), company)
