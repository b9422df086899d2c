"""Documents of the standard interface as another system pushes them."""

from __future__ import annotations

from typing import Any

NAME, PHONE, STREET = "林小雨", "13900001234", "滨江路 88 号"
AT = "2026-03-02T10:00:00+08:00"


def a_line(no: str = "1", code: str = "A", units: int = 1, paid: int = 1000, **changes: Any) -> dict[str, Any]:
    line = {"external_no": no, "seller_code": code, "title": "杯子", "units": units, "list_amount": paid,
            "paid_amount": paid}  # fmt: skip
    return line | changes


def an_order(no: str = "M-1", *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    rows = list(lines) or [a_line()]
    total = sum(line["paid_amount"] for line in rows)
    order = {
        "external_no": no,
        "state": "open",
        "created_at": AT,
        "changed_at": AT,
        "paid_at": AT,
        "currency": "CNY",
        "paid_total": total,
        "buyer": {"external_id": "member-7", "nick": "小雨"},
        "receiver": {"name": NAME, "phone": PHONE, "country": "CN", "state": "浙江省", "city": "杭州市",
                     "district": "滨江区", "address": STREET},
        "lines": rows,
        "payments": [{"kind": "online", "amount": total, "paid_at": AT, "reference": "P1"}],
    }  # fmt: skip
    return order | changes


def a_case(no: str = "C-1", order_no: str = "M-1", **changes: Any) -> dict[str, Any]:
    case = {"external_no": no, "order_no": order_no, "line_no": "1", "kind": "refund", "state": "asked",
            "currency": "CNY", "amount": 1000, "units": 1, "created_at": AT, "changed_at": AT, "reason": "不想要了",
            "evidence": ["https://pictures.example.invalid/1.jpg"]}  # fmt: skip
    return case | changes
