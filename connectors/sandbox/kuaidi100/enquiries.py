"""POST /poll/query.do and the company detection: reads, except that a parcel first asked for sets out."""

import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kuaidi100 import messages
from connectors.sandbox.kuaidi100.codes import COMPANIES, companies_of
from connectors.sandbox.kuaidi100.road import Road
from connectors.sandbox.kuaidi100.signing import is_query_signed
from connectors.sandbox.kuaidi100.subscriptions import Refusal, check_phone


def query(road: Road, form: Mapping[str, str]) -> dict[str, Any]:
    """The trail as it stands; Refusal carries the code (the codes of enquiries are not published)."""
    text = form.get("param", "")
    if form.get("customer") != road.settings.customer:
        raise Refusal("600", "customer不合法")
    if not is_query_signed(form.get("sign", ""), text, road.settings.key, road.settings.customer):
        raise Refusal("503", "验证签名失败")
    param = _param(text)
    company, number = str(param.get("com", "")), str(param.get("num", ""))
    if not company or not number:
        raise Refusal("400", "提交的数据不完整")
    if company not in COMPANIES:
        raise Refusal("400", "找不到对应的快递公司")
    if not check_phone(company, str(param.get("phone", ""))):
        raise Refusal("408", "快递公司要求提供收寄件人电话")
    parcel = road.start(number, company, str(param.get("from", "")), str(param.get("to", "")))
    events = road.events(number)
    if not events or parcel["company"] != company:
        raise Refusal("500", "查询无结果,请隔段时间再查")
    return messages.trail(parcel, events, str(param.get("resultv2", "0")), param.get("order") == "asc")


def detect(number: str) -> list[dict[str, Any]]:
    """The companies whose numbers look like this one, likeliest first."""
    return [
        {"comCode": company, "lengthPre": len(number), "noCount": 1000, "noPre": number[:4]}
        for company in companies_of(number)
    ]


def _param(text: str) -> dict[str, Any]:
    try:
        param = json.loads(text)
    except ValueError:
        raise Refusal("400", "param不是合法的JSON") from None
    if not isinstance(param, dict):
        raise Refusal("400", "param不是合法的JSON对象")
    return param
