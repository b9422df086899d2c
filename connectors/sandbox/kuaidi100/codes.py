"""Code tables: states with their Chinese names, companies with the look of their numbers."""

import re
from collections.abc import Mapping

# Detailed code → (base state, name).
STATES: Mapping[str, tuple[str, str]] = {
    "0": ("0", "在途"), "1001": ("0", "到达派件城市"), "1002": ("0", "干线"), "1003": ("0", "转递"),
    "1": ("1", "揽收"), "101": ("1", "已下单"), "102": ("1", "待揽收"), "103": ("1", "已揽收"),
    "2": ("2", "疑难"), "201": ("2", "超时未签收"), "202": ("2", "超时未更新"), "203": ("2", "拒收"),
    "204": ("2", "派件异常"), "205": ("2", "柜或驿站超时未取"), "206": ("2", "无法联系"), "207": ("2", "超区"),
    "208": ("2", "滞留"), "209": ("2", "破损"), "210": ("2", "销单"),
    "3": ("3", "签收"), "301": ("3", "本人签收"), "302": ("3", "派件异常后签收"), "303": ("3", "代签"),
    "304": ("3", "投柜或站签收"),
    "4": ("4", "退签"), "401": ("4", "已销单"),
    "5": ("5", "派件"), "501": ("5", "投柜或驿站"),
    "6": ("6", "退回"), "7": ("7", "转投"),
    "8": ("8", "清关"), "10": ("8", "待清关"), "11": ("8", "清关中"), "12": ("8", "已清关"), "13": ("8", "清关异常"),
    "14": ("14", "拒签"),
}  # fmt: skip

# After one of these base states nothing more is expected.
SIGNED = frozenset({"3", "4"})

_NUMBERS: Mapping[str, str] = {
    "zhongtong": r"7[568]\d{12}",
    "yuantong": r"YT\d{13}",
    "shunfeng": r"SF\d{13}",
    "shentong": r"77\d{13}",
    "yunda": r"4[36]\d{13}",
    "huitongkuaidi": r"55\d{13}",
    "ems": r"1[01]\d{11}",
    "jd": r"JD[A-Z]{2}\d{11}",
    "zhaijisong": r"ZJS\w{6,12}",
    "debangkuaidi": r"DPK\d{10,12}",
    "jtexpress": r"JT\d{13}",
}
COMPANIES = frozenset(_NUMBERS)
NEEDS_PHONE = frozenset({"shunfeng"})


def base(code: str) -> str:
    """The base state of a detailed code."""
    return STATES[code][0]


def companies_of(number: str) -> list[str]:
    """The companies whose numbers look like this one."""
    return [company for company, pattern in _NUMBERS.items() if re.fullmatch(pattern, number)]
