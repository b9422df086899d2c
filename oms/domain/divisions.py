"""China's provinces by name and code, how division names are compared, and today's names of abolished ones."""

from __future__ import annotations

import unicodedata
from typing import Final

PROVINCES: Final = {
    "北京": "11", "天津": "12", "河北": "13", "山西": "14", "内蒙古": "15", "辽宁": "21", "吉林": "22",
    "黑龙江": "23", "上海": "31", "江苏": "32", "浙江": "33", "安徽": "34", "福建": "35", "江西": "36",
    "山东": "37", "河南": "41", "湖北": "42", "湖南": "43", "广东": "44", "广西": "45", "海南": "46",
    "重庆": "50", "四川": "51", "贵州": "52", "云南": "53", "西藏": "54", "陕西": "61", "甘肃": "62",
    "青海": "63", "宁夏": "64", "新疆": "65", "台湾": "71", "香港": "81", "澳门": "82",
}  # fmt: skip
_SUFFIXES: Final = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")
_KINDS: Final = ("自治州", "自治县", "自治旗", "地区", "林区", "街道", "市", "盟", "州", "县", "区", "旗", "镇", "乡")
_PEOPLES: Final = (
    "土家", "苗", "朝鲜", "藏", "羌", "彝", "布依", "侗", "哈尼", "壮", "傣", "白", "景颇", "傈僳", "回", "蒙古",
    "哈萨克", "柯尔克孜", "满", "畲", "瑶", "仫佬", "毛南", "黎", "仡佬", "佤", "拉祜", "纳西", "布朗", "普米",
    "独龙", "怒", "裕固", "保安", "东乡", "撒拉", "土", "锡伯", "塔吉克", "达斡尔", "鄂温克", "鄂伦春", "水", "各",
)  # fmt: skip
#: Levels that exist on paper only; people leave them out, and platforms word them in many ways.
_PSEUDO_MARKS: Final = ("直辖", "市辖")
_PSEUDO_NAMES: Final = frozenset({"县", "城区", "郊县"})

#: Abolished districts whose name led nowhere else: (province, former name) → (city, district) of today.
FORMER_NAMES: Final = {
    ("北京", "崇文区"): ("北京市", "东城区"), ("北京", "宣武区"): ("北京市", "西城区"),
    ("天津", "塘沽区"): ("天津市", "滨海新区"), ("天津", "汉沽区"): ("天津市", "滨海新区"),
    ("天津", "大港区"): ("天津市", "滨海新区"), ("上海", "卢湾区"): ("上海市", "黄浦区"),
    ("上海", "闸北区"): ("上海市", "静安区"), ("上海", "南汇区"): ("上海市", "浦东新区"),
    ("重庆", "万盛区"): ("重庆市", "綦江区"), ("重庆", "双桥区"): ("重庆市", "大足区"),
    ("江苏", "下关区"): ("南京市", "鼓楼区"), ("江苏", "白下区"): ("南京市", "秦淮区"),
    ("江苏", "沧浪区"): ("苏州市", "姑苏区"), ("江苏", "平江区"): ("苏州市", "姑苏区"),
    ("江苏", "金阊区"): ("苏州市", "姑苏区"), ("江苏", "吴江市"): ("苏州市", "吴江区"),
    ("浙江", "下城区"): ("杭州市", "拱墅区"), ("浙江", "江东区"): ("宁波市", "鄞州区"),
    ("山东", "莱芜市"): ("济南市", "莱芜区"), ("山东", "莱城区"): ("济南市", "莱芜区"),
    ("山东", "四方区"): ("青岛市", "市北区"), ("山东", "胶南市"): ("青岛市", "黄岛区"),
    ("湖北", "襄樊市"): ("襄阳市", ""), ("广东", "东山区"): ("广州市", "越秀区"),
    ("广东", "芳村区"): ("广州市", "荔湾区"), ("广东", "萝岗区"): ("广州市", "黄埔区"),
    ("广东", "顺德市"): ("佛山市", "顺德区"), ("广东", "南海市"): ("佛山市", "南海区"),
    ("云南", "思茅市"): ("普洱市", "思茅区"), ("云南", "思茅地区"): ("普洱市", ""),
}  # fmt: skip


def tidy(name: str) -> str:
    """A name without spaces, in half-width characters."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def plain_name(name: str) -> str:
    """A province's name without its kind: 内蒙古自治区 and 内蒙古 are one."""
    name = tidy(name)
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name[: -len(suffix)]
    return name


def province_code(name: str) -> str:
    """The six-digit code of a province, empty when unknown."""
    code = PROVINCES.get(plain_name(name))
    return f"{code}0000" if code else ""


def stem(name: str) -> str:
    """A division's name without its kind and the peoples in it: 恩施土家族苗族自治州, 恩施州 and 恩施 are one.

    At least two characters stay: 忠县 and 城区 are whole names.
    """
    name = tidy(name)
    for kind in _KINDS:
        if name.endswith(kind) and len(name) >= len(kind) + 2:
            return _without_peoples(name[: -len(kind)]) if kind.startswith("自治") else name[: -len(kind)]
    return name


def is_pseudo_name(name: str) -> bool:
    """Whether a city level is one of those that nobody lives in: 市辖区, 省直辖县级行政单位, 县."""
    name = tidy(name)
    return name in _PSEUDO_NAMES or any(mark in name for mark in _PSEUDO_MARKS)


def _without_peoples(name: str) -> str:
    for people in _PEOPLES:
        for ending in (f"{people}族", people):
            if name.endswith(ending) and len(name) >= len(ending) + 2:
                return _without_peoples(name[: -len(ending)])
    return name.removesuffix("族")
