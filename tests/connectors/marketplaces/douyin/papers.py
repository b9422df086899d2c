"""Hand-made Doudian documents with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

import orjson

ORDER_NO = "6930000000000000100"
NAME, PHONE, STREET = "周**", "1********77", "云**路***"
CIPHERS = {"encrypt_post_receiver": "##cipher-of-name##", "encrypt_post_tel": "$cipher-of-tel$1$"}
ADDRESS_CIPHER = "##cipher-of-street##"
CREATED, PAID, CHANGED = 1772413200, 1772413260, 1772415000


def line_no(number: int) -> str:
    """The number of an order's line."""
    return str(int(ORDER_NO) + number)


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One sku order: 2 × 40.00, nothing discounted."""
    line = {
        "order_id": line_no(number),
        "parent_order_id": ORDER_NO,
        "order_status": 2,
        "main_status": 2,
        "trade_type": 0,
        "product_id": 3500000000000000000 + number,
        "product_id_str": str(3500000000000000000 + number),
        "sku_id": 1750000000000000 + number,
        "code": f"CUP{number}-RED",
        "product_name": "陶瓷杯",
        "spec": [{"name": "颜色", "value": "红"}, {"name": "容量", "value": "300ml"}],
        "item_num": 2,
        "origin_amount": 4000,
        "sum_amount": 8000,
        "pay_amount": 8000,
        "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
        "inventory_list": [{"warehouse_type": 0}],
        "given_product_type": "MASTER",
    }
    return line | changes


def an_order(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A paid shop order of the lines given (default: two), its payment the sum of its lines and postage."""
    skus = list(lines) or [a_line(1), a_line(2)]
    area = {"province": {"name": "浙江省", "id": "33"}, "city": {"name": "杭州市"}, "town": {"name": "余杭区"}}
    order = {
        "order_id": ORDER_NO,
        "order_status": 2,
        "main_status": 2,
        "order_type": 0,
        "create_time": CREATED,
        "pay_time": PAID,
        "update_time": CHANGED,
        "exp_ship_time": 1772586060,
        "pay_type": 1,
        "channel_payment_no": "pay-1",
        "pay_amount": sum(line["pay_amount"] for line in skus) + changes.get("post_amount", 0),
        "post_amount": 0,
        "doudian_open_id": "1@#openid",
        "open_address_id": "#address-1",
        **CIPHERS,
        "post_addr": {**area, "street": {"name": "五常街道"}, "detail": "", "encrypt_detail": ADDRESS_CIPHER},
        "mask_post_receiver": NAME,
        "mask_post_tel": PHONE,
        "mask_post_addr": {**area, "street": {"name": "五常街道"}, "detail": STREET},
        "seller_remark_stars": 0,
        "logistics_info": [],
        "sku_order_list": skus,
    }
    return order | changes


def a_parcel(waybill: str, *lines: int, units: int = 2, pack: str = "pack-1") -> dict[str, Any]:
    """A parcel as orders tell it, with so many units of each line."""
    products = [{"sku_order_id": line_no(number), "product_count": units} for number in lines]
    return {"delivery_id": pack, "tracking_no": waybill, "company": "zhongtong", "product_info": products}


def a_phase(number: int, paid: bool, price: int) -> dict[str, Any]:
    """One phase of a deposit presale for line 1, its price per unit."""
    return {
        "current_phase": number,
        "total_phase": 2,
        "pay_success": paid,
        "sku_order_id": line_no(1),
        "phase_payable_price": price,
        "phase_pay_amount": price * 2 if paid else 0,
        "phase_pay_time": PAID + number if paid else 0,
    }


def envelope(inner: Any, code: int = 10000, sub_code: str = "", sub_msg: str = "", msg: str = "success") -> bytes:
    """An answer of the platform."""
    return orjson.dumps(
        {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg, "log_id": "l1", "data": inner}
    )


def error_body(code: int, sub_code: str = "", sub_msg: str = "") -> bytes:
    """A refusal of the platform; it too comes with HTTP status 200."""
    return envelope(None, code, sub_code, sub_msg, msg="error")


def order_body(order: dict[str, Any]) -> bytes:
    """An order as order/orderDetail answers it."""
    return envelope({"shop_order_detail": order})


CASE_NO = "7130000000000000001"


def a_case(status: int = 6, kind: int = 2, lines: int = 1, **changes: Any) -> dict[str, Any]:
    """An after-sale's detail: by default a refund asked before shipment for one line."""
    case = {
        "after_sale_id": int(CASE_NO),
        "after_sale_status": status,
        "after_sale_type": kind,
        "refund_status": 1,
        "refund_total_amount": 8000 * lines,
        "refund_post_amount": 0,
        "apply_time": CREATED + 600,
        "update_time": CHANGED,
        "status_deadline": CHANGED + 86400,
        "reason": "拍错了",
        "reason_remark": "多拍了一件",
        "evidence": ["https://pictures.example.invalid/1.jpg"],
        "after_sale_apply_count": 2 * lines,
        "got_pkg": 0,
        "exchange_sku_info": None,
    }
    back = {"tracking_no": "789", "company_code": "zhongtong", "company_name": "中通快递"}
    skus = [
        {"sku_order_id": int(line_no(i + 1)), "after_sale_item_count": 2, "sku_pay_amount": 8000} for i in range(lines)
    ]
    return {
        "process_info": {
            "after_sale_info": case | changes,
            "logistics_info": {"return": back if status == 11 else None, "order": []},
        },
        "order_info": {"shop_order_id": int(ORDER_NO), "sku_order_infos": skus},
    }
