"""The seller's goods: SKUs, gifts and bundles with sizes, prices, costs and where they are stocked."""

import random
from functools import lru_cache
from typing import Any

# code, Chinese name, colours, sizes, price fen, cost share, weight g, volume cm³, size class
GOODS: tuple[tuple[str, str, str, str, int, float, int, int, str], ...] = (
    ("TS001", "棉质短袖T恤", "BLK WHT GRY NVY", "S M L XL", 9900, 0.38, 220, 1800, "small"),
    ("TS002", "纯棉长袖打底衫", "BLK WHT BEI", "S M L XL", 12900, 0.40, 300, 2400, "small"),
    ("HD003", "连帽加绒卫衣", "BLK GRY KHA", "M L XL XXL", 21900, 0.42, 650, 7200, "medium"),
    ("PT004", "弹力休闲长裤", "BLK KHA NVY", "29 30 31 32 33", 18900, 0.41, 480, 4200, "medium"),
    ("JN005", "直筒牛仔裤", "BLU BLK", "28 29 30 31 32", 23900, 0.43, 720, 5400, "medium"),
    ("SK006", "运动袜3双装", "WHT BLK GRY", "-", 2900, 0.30, 120, 700, "small"),
    ("SH007", "轻便跑步鞋", "BLK WHT RED", "38 39 40 41 42 43", 32900, 0.45, 900, 9600, "medium"),
    ("SH008", "帆布板鞋", "WHT BLK", "37 38 39 40 41 42", 19900, 0.44, 850, 9200, "medium"),
    ("JK009", "防风冲锋衣", "RED NVY GRN", "M L XL XXL", 45900, 0.46, 980, 9900, "medium"),
    ("DN010", "轻薄羽绒服", "BLK NVY PNK", "S M L XL", 59900, 0.48, 760, 12000, "medium"),
    ("SC011", "羊毛围巾", "RED GRY BEI", "-", 13900, 0.37, 260, 2600, "small"),
    ("CP012", "棒球帽", "BLK WHT NVY", "-", 5900, 0.33, 110, 2200, "small"),
    ("BG013", "双肩电脑包", "BLK GRY", "-", 25900, 0.44, 950, 26000, "large"),
    ("BG014", "斜挎小包", "BLK BRN", "-", 15900, 0.41, 420, 5200, "medium"),
    ("BT015", "真皮腰带", "BLK BRN", "-", 16900, 0.36, 240, 1300, "small"),
    ("UN016", "男士内裤4条装", "MIX GRY", "L XL XXL", 7900, 0.34, 260, 1500, "small"),
    ("PJ017", "纯棉家居服套装", "BLU PNK", "M L XL", 19900, 0.42, 700, 6200, "medium"),
    ("TW018", "加厚浴巾", "WHT BLU PNK", "-", 6900, 0.40, 520, 4800, "medium"),
    ("BS019", "四件套床品", "GRY BLU PNK", "150 180", 36900, 0.47, 2300, 21000, "large"),
    ("QT020", "冬被", "WHT", "150 180 200", 42900, 0.49, 3200, 62000, "large"),
    ("CU021", "保温杯500ml", "BLK WHT RED GRN", "-", 8900, 0.39, 380, 1600, "small"),
    ("KT022", "硅藻泥地垫", "GRY BEI", "-", 4900, 0.35, 1100, 3900, "medium"),
    ("LP023", "护眼台灯", "WHT BLK", "-", 17900, 0.46, 1400, 9000, "fragile"),
    ("GL024", "玻璃水杯6只装", "CLR", "-", 7900, 0.41, 2200, 8800, "fragile"),
    ("YG025", "加宽瑜伽垫", "PUR GRN BLK", "-", 9900, 0.40, 1200, 14000, "large"),
    ("FD026", "坚果礼盒", "MIX", "-", 12800, 0.55, 1500, 7000, "medium"),
    ("FD027", "冻干咖啡24颗", "MIX", "-", 8800, 0.50, 180, 1900, "small"),
    ("CM028", "补水面膜10片", "MIX", "-", 9900, 0.28, 320, 1200, "small"),
    ("CM029", "氨基酸洁面乳", "MIX", "-", 6900, 0.27, 180, 500, "small"),
    ("TY030", "积木玩具", "MIX", "S L", 15900, 0.43, 1300, 11000, "medium"),
    ("CH031", "数据线1.5米", "WHT BLK", "-", 2500, 0.30, 60, 250, "small"),
    ("CH032", "65W充电器", "WHT BLK", "-", 12900, 0.48, 190, 450, "small"),
    ("HD033", "蓝牙耳机", "WHT BLK PNK", "-", 22900, 0.52, 150, 600, "small"),
    ("CA034", "猫粮2kg", "MIX", "-", 11900, 0.56, 2100, 5200, "medium"),
    ("GY035", "哑铃一对", "BLK", "5KG 10KG", 19900, 0.50, 10200, 6000, "large"),
    ("DS036", "电竞椅", "BLK RED", "-", 89900, 0.55, 18500, 160000, "bulky"),
    ("SW037", "速干泳裤", "BLK NVY", "M L XL", 8900, 0.35, 150, 900, "small"),
    ("RC038", "折叠雨伞", "BLK NVY RED", "-", 5900, 0.37, 420, 1100, "small"),
    ("PN039", "中性笔12支", "BLK BLU", "-", 1990, 0.40, 150, 600, "small"),
    ("NB040", "笔记本3本装", "MIX", "-", 2990, 0.38, 600, 1500, "small"),
)
GIFTS = (
    ("GF001", "赠品-帆布袋", 1990, 600, 150, 900),
    ("GF002", "赠品-旅行装面膜", 990, 210, 40, 120),
    ("GF003", "赠品-钥匙扣", 590, 120, 20, 40),
)
COLOURS = {
    "BLK": "黑色", "WHT": "白色", "GRY": "灰色", "NVY": "藏青", "BEI": "米色", "KHA": "卡其", "BLU": "蓝色",
    "RED": "红色", "GRN": "绿色", "PNK": "粉色", "BRN": "棕色", "MIX": "混色", "PUR": "紫色", "CLR": "透明",
}  # fmt: skip
BUNDLES = 16


@lru_cache(maxsize=8)
def _catalogue(seed: int) -> tuple[dict[str, Any], ...]:
    rng = random.Random(f"catalogue:{seed}")
    skus = [sku for number, goods in enumerate(GOODS) for sku in _skus_of(number, goods)]
    rng.shuffle(skus)
    for position, sku in enumerate(skus):
        sku["stocked_at"] = {0: "east", 1: "south"}.get(position % 8, "both")
    both = [sku for sku in skus if sku["stocked_at"] == "both" and sku["size_class"] in ("small", "medium")]
    bundles = [_bundle(number, rng.sample(both, rng.randint(2, 3)), rng) for number in range(BUNDLES)]
    return (*skus, *(_gift(number, gift) for number, gift in enumerate(GIFTS)), *bundles)


def catalogue(seed: int) -> list[dict[str, Any]]:
    """Every saleable code of the shop, the same for the same seed.

    Keys: code, kind (sku, gift, bundle), title, properties, num_iid, sku_id, outer_iid, barcode,
    price_fen, cost_fen, weight_g, volume_cm3, size_class (small, medium, large, bulky, fragile),
    stocked_at (east, south, both), parts (bundles only; code and quantity of each) and
    combined (bundles: whether the platform itself tells the parts on an order line).
    """
    return [dict(item) for item in _catalogue(seed)]


def _skus_of(number: int, goods: tuple[str, str, str, str, int, float, int, int, str]) -> list[dict[str, Any]]:
    outer, title, colours, sizes, price, cost_share, weight, volume, size_class = goods
    found: list[dict[str, Any]] = []
    for colour in colours.split():
        for size in sizes.split():
            code = f"{outer}-{colour}" + ("" if size == "-" else f"-{size}")
            properties = f"颜色分类:{COLOURS[colour]}" + ("" if size == "-" else f";尺码:{size}")
            sku = _item("sku", code, title, price, round(price * cost_share), weight, volume)
            sku |= {"outer_iid": outer, "properties": properties, "size_class": size_class}
            sku |= {"num_iid": 640000000001 + number}
            sku |= {"sku_id": str(5100000000001 + number * 100 + len(found))}
            sku |= {"barcode": f"69{number:03d}{len(found):03d}0001"}
            found.append(sku)
    return found


def _item(kind: str, code: str, title: str, price: int, cost: int, weight: int, volume: int) -> dict[str, Any]:
    return {
        "code": code, "kind": kind, "title": title, "properties": "", "num_iid": 0, "sku_id": "",
        "outer_iid": code, "barcode": "", "price_fen": price, "cost_fen": cost, "weight_g": weight,
        "volume_cm3": volume, "size_class": "small", "stocked_at": "both", "parts": [], "combined": False,
    }  # fmt: skip


def _gift(number: int, gift: tuple[str, str, int, int, int, int]) -> dict[str, Any]:
    item = _item("gift", *gift)
    item |= {"properties": "颜色分类:本色", "num_iid": 640000000801 + number}
    return item | {"sku_id": str(5100000080001 + number), "barcode": f"69800{number:03d}0001"}


def _part(member: dict[str, Any], quantity: int) -> dict[str, Any]:
    found = {name: member[name] for name in ("code", "num_iid", "sku_id", "outer_iid", "price_fen")}
    return {**found, "quantity": quantity}


def _bundle(number: int, members: list[dict[str, Any]], rng: random.Random) -> dict[str, Any]:
    parts = [_part(member, rng.choice((1, 1, 2))) for member in members]
    counted = list(zip(members, parts, strict=True))
    full, cost, weight, volume = (
        sum(member[key] * part["quantity"] for member, part in counted)
        for key in ("price_fen", "cost_fen", "weight_g", "volume_cm3")
    )
    title = "组合装 " + "+".join(member["title"] for member in members)
    bundle = _item("bundle", f"BD{number + 1:03d}", title, full * 85 // 100, cost, weight, volume)
    bundle |= {"num_iid": 640000000901 + number, "sku_id": str(5100000090001 + number)}
    return bundle | {"size_class": "medium", "parts": parts, "combined": number % 2 == 0}
