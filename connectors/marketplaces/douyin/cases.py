"""Parses Doudian's after-sale detail to a normalised case. Pure."""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.amounts import spread
from connectors.marketplaces.douyin.reading import (
    Json,
    around,
    needed_moment,
    number_text,
    part,
    required,
    rows,
    soft_moment,
    text,
    whole,
)


def parse_case(body: bytes) -> CaseRecord:
    """The case in an answer of afterSale/Detail."""
    detail = around(body, "process_info")
    return case_of(part(detail, "process_info"), part(detail, "order_info"))


def case_of(process: Json, order: Json) -> CaseRecord:
    """The case in the two objects of a detail; BadRecord names the field at fault."""
    case = part(process, "after_sale_info")
    alerts: list[str] = []
    kind, status = whole(case, "after_sale_type"), whole(case, "after_sale_status")
    lines = _lines(case, order)
    back = part(part(process, "logistics_info"), "return")
    wanted = part(case, "exchange_sku_info")
    return CaseRecord(
        external_no=required(case, "after_sale_id"),
        order_no=required(order, "shop_order_id"),
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind=_kind(case, kind, alerts),
        state=_state(case, status, alerts),
        platform_status=str(status),
        currency="CNY",
        amount=_amount(case),
        changed_at=needed_moment(case, "update_time"),
        created_at=needed_moment(case, "apply_time"),
        units=whole(case, "after_sale_apply_count") or sum(line.units for line in lines),
        reason=text(case, "reason"),
        words=text(case, "reason_remark"),
        version=text(case, "update_time"),
        phase="onsale" if kind in codes.BEFORE_SHIPPING else "aftersale",
        return_carrier=_carrier(back),
        return_waybill=text(back, "tracking_no"),
        respond_by=soft_moment(case, "status_deadline") if status in codes.OUR_TURN else None,
        goods_received_by_buyer=None if case.get("got_pkg") is None else case["got_pkg"] in (1, "1", True),
        lines=lines,
        evidence=_evidence(case),
        allows=codes.ALLOWED.get((kind, status), ()),
        wanted_variant_no=number_text(wanted, "sku_id"),
        wanted_seller_code=text(wanted, "code") or number_text(wanted, "out_sku_id"),
        alerts=tuple(alerts),
    )


def _kind(case: Json, kind: int, alerts: list[str]) -> str:
    if case.get("after_sale_type") in (None, ""):
        raise BadRecord("this is missing", field="after_sale_type")
    if kind not in codes.CASE_KINDS:
        alerts.append(f"after_sale_type={kind}")
    return codes.CASE_KINDS.get(kind, "other")


def _state(case: Json, status: int, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked: it stops the shipment until someone looks."""
    if case.get("after_sale_status") in (None, ""):
        raise BadRecord("this is missing", field="after_sale_status")
    if status not in codes.CASE_STATES:
        alerts.append(f"after_sale_status={status}")
    return codes.CASE_STATES.get(status, RefundState.ASKED)


def _amount(case: Json) -> int:
    amount = whole(case, "refund_total_amount")
    if amount < 0:
        raise BadRecord("a refund is not negative", field="refund_total_amount")
    return amount


def _lines(case: Json, order: Json) -> tuple[CaseLine, ...]:
    """The case's lines; what is asked back for goods is divided by what each line cost."""
    skus = rows(order, "sku_order_infos")
    if not skus:
        return ()
    goods = _amount(case) - max(whole(case, "refund_post_amount"), 0)
    parts = spread(max(goods, 0), [max(whole(sku, "sku_pay_amount") or whole(sku, "pay_amount"), 0) for sku in skus])
    return tuple(
        CaseLine(required(sku, "sku_order_id"), whole(sku, "after_sale_item_count"), amount, text(case, "reason"))
        for sku, amount in zip(skus, parts, strict=True)
    )


def _carrier(back: Json) -> str:
    """The hub's carrier code; a company we do not know stays as the platform writes it."""
    company = text(back, "company_code")
    return codes.CARRIERS.get(company, company or text(back, "company_name"))


def _evidence(case: Json) -> tuple[str, ...]:
    found = case.get("evidence")
    return tuple(url for url in found if isinstance(url, str) and url) if isinstance(found, list) else ()
