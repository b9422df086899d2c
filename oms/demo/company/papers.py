"""Documents of the company's own shop, as its mini program would push them; receivers are invented."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from oms.demo.company.range import Item

#: Name, province, city, district, street; the phones are of a series that is given to nobody.
PEOPLE: Final = (
    ("丁一", "江苏省", "苏州市", "姑苏区", "平江路 11 号"),
    ("方二", "江苏省", "南京市", "玄武区", "珠江路 22 号"),
    ("戴三", "浙江省", "杭州市", "西湖区", "文三路 33 号"),
    ("夏四", "上海市", "上海市", "徐汇区", "漕溪路 44 号"),
    ("田五", "广东省", "广州市", "天河区", "体育东路 55 号"),
    ("樊六", "安徽省", "合肥市", "蜀山区", "潜山路 66 号"),
    ("胡七", "江苏省", "无锡市", "滨湖区", "建筑路 77 号"),
    ("凌八", "浙江省", "宁波市", "鄞州区", "中山路 88 号"),
    ("霍九", "江苏省", "常州市", "天宁区", "延陵路 99 号"),
    ("虞十", "浙江省", "嘉兴市", "南湖区", "中环路 10 号"),
    ("万甲", "上海市", "上海市", "静安区", "南京西路 21 号"),
    ("支乙", "江苏省", "扬州市", "广陵区", "文昌路 32 号"),
    ("柯丙", "安徽省", "芜湖市", "镜湖区", "北京路 43 号"),
    ("昝丁", "浙江省", "绍兴市", "越城区", "解放路 54 号"),
    ("管戊", "江苏省", "苏州市", "昆山市", "前进路 65 号"),
)
PHONES: Final = tuple(f"138001381{at:02}" for at in range(len(PEOPLE)))
FIELDS: Final = ("name", "state", "city", "district", "address")


def line(item: Item, units: int = 1, off: int = 0) -> dict[str, Any]:
    """A line of goods at the list price, with so much taken off in all (fen)."""
    full = int(item["price_fen"]) * units
    return {
        "seller_code": item["code"], "title": item["title"], "units": units, "list_amount": full,
        "discount_merchant": off, "paid_amount": full - off,
    }  # fmt: skip


def order(number: str, at: datetime, receiver: int, lines: Sequence[dict[str, Any]], **more: Any) -> bytes:
    """A paid order, whole, as the standard interface takes it."""
    paid = sum(one["paid_amount"] for one in lines)
    when = at.isoformat(timespec="seconds")
    document = {
        "external_no": number, "state": "open", "currency": "CNY", "paid_total": paid, "created_at": when,
        "changed_at": when, "paid_at": when,
        "buyer": {"external_id": f"member-{receiver}", "nick": PEOPLE[receiver][0]},
        "receiver": {"country": "CN", "phone": PHONES[receiver], **dict(zip(FIELDS, PEOPLE[receiver], strict=True))},
        "lines": [{"external_no": str(at_), **one} for at_, one in enumerate(lines, 1)],
        "payments": [{"kind": "online", "amount": paid, "paid_at": when, "reference": f"P-{number}"}],
        **more,
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False).encode()


def refund(order_no: str, line_no: str, item: Item, at: datetime) -> bytes:
    """One unit of a line is asked back before it has left."""
    when = at.isoformat(timespec="seconds")
    document = {
        "external_no": f"{order_no}-R1", "order_no": order_no, "line_no": line_no, "kind": "refund", "state": "asked",
        "units": 1, "currency": "CNY", "amount": int(item["price_fen"]), "reason": "多拍了一件", "created_at": when,
        "changed_at": when,
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False).encode()
