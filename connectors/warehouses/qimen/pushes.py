"""Pushes from a warehouse: proves them on raw bytes, names them, and reads them once stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from connectors.contract.errors import BadRecord, BadSignature, NotSupported
from connectors.contract.manifest import Account
from connectors.contract.notices import PushAnswer, PushEnvelope, PushReport, PushRequest
from connectors.warehouses.qimen import confirms, reports, stocking, xml
from connectors.warehouses.qimen.client import PREFIX
from connectors.warehouses.qimen.codes import PUSHED
from connectors.warehouses.qimen.signing import is_genuine

WINDOW_SECONDS = 600
XML_TYPE = "text/xml; charset=utf-8"
ACCEPTED = PushAnswer(
    f"{xml.HEADER}<response><flag>success</flag><code>0</code><message>success</message></response>".encode(),
    XML_TYPE,
)


def verify(push: PushRequest, account: Account) -> PushEnvelope:
    """The envelope of a genuine, fresh push; BadSignature otherwise, NotSupported for an unknown method."""
    if len(push.body) > xml.MAX_BYTES:
        raise BadSignature("the push is larger than 2 MB", code="size")
    if not is_genuine(account.secrets.get("secret", ""), push.query, push.body):
        raise BadSignature("the signature does not fit", code="sign")
    customer = account.settings.get("customer_id", "")
    if push.query.get("customerId", "") != customer:
        raise BadSignature("the push is for another customer", code="customerId")
    _check_age(push, account.settings)
    method = method_of(push)
    if method not in PUSHED:
        raise NotSupported("the hub has no such method", code=method[:50])
    key, number = _identity(method, push.body)
    return PushEnvelope(key=f"{method}|{customer}|{key}", topic=method, answer=ACCEPTED, number=number)


def refusal(words: str) -> PushAnswer:
    """Qimen's failure envelope; HTTP 200, since the gateway takes other statuses for a broken line."""
    content = "<flag>failure</flag><code>-1</code>" + xml.tag("message", words[:200] or "refused")
    return PushAnswer(f"{xml.HEADER}<response>{content}</response>".encode(), XML_TYPE)


def method_of(push: PushRequest) -> str:
    """The method without its prefix, which the platform drops when it forwards."""
    return push.query.get("method", "").removeprefix(PREFIX)


def read(push: PushRequest) -> tuple[PushReport, ...]:
    """All reports in a verified push; none for methods that only hint."""
    method, at = method_of(push), push.received_at
    if method not in _READERS:
        return ()
    root = xml.parse(push.body)
    return _READERS[method](root, at)


def _check_age(push: PushRequest, settings: Mapping[str, str]) -> None:
    """Old or future pushes are refused, so that a recorded one cannot be played back later."""
    try:
        sent_at = xml.moment(push.query.get("timestamp", ""), "timestamp")
    except BadRecord:
        sent_at = None
    if sent_at is None:
        raise BadSignature("the push has no readable timestamp", code="timestamp")
    seconds = settings.get("push_window_seconds", "")
    window = timedelta(seconds=int(seconds) if seconds.isdecimal() else WINDOW_SECONDS)
    if abs(push.received_at - sent_at) > window:
        raise BadSignature("the push is too old or its clock is wrong", code="timestamp")


def _identity(method: str, body: bytes) -> tuple[str, str]:
    """(what deduplicates the push, our document number if it names one); an unreadable body is its own hash."""
    try:
        root = xml.parse(body)
    except BadRecord:
        return reports.digest(body), ""
    codes = [node.text.strip() for node in root.iter("outBizCode") if node.text and node.text.strip()]
    number = xml.text(root, "deliveryOrder/deliveryOrderCode") or xml.text(root, "order/orderCode")
    number = number or xml.text(root, "deliveryOrderCode") or xml.text(root, "returnOrder/returnOrderCode")
    number = number or xml.text(root, "entryOrder/entryOrderCode")
    if not codes:
        return reports.digest(body), number
    # The pages of a stock-take share one code, and a message of many items has many.
    page = f"|{xml.text(root, 'currentPage')}" if method == "inventory.report" else ""
    return (codes[0] if len(codes) == 1 else reports.digest("|".join(codes).encode())) + page, number


def _confirms(root: Element) -> list[Element]:
    """The orders of a batchconfirm, each with the tree of a confirm."""
    return list(xml.children(root, "orders/order"))


_READERS: dict[str, Callable[[Element, datetime], tuple[PushReport, ...]]] = {
    "deliveryorder.confirm": lambda root, at: (confirms.read_confirm(root, at),),
    "deliveryorder.batchconfirm": lambda root, at: tuple(confirms.read_confirm(o, at) for o in _confirms(root)),
    "deliveryorder.batchcreate.answer": reports.read_batch_answer,
    "orderprocess.report": lambda root, at: (reports.read_progress(root, at),),
    "orderexception.report": lambda root, at: (reports.read_exception(root, at),),
    "itemlack.report": lambda root, at: (reports.read_shortage(root, at),),
    "stockchange.report": reports.read_stock_changes,
    "inventory.report": lambda root, at: (reports.read_stock_take(root, at),),
    "entryorder.confirm": lambda root, at: (stocking.read_stock_confirm(root, "in", at),),
    "stockout.confirm": lambda root, at: (stocking.read_stock_confirm(root, "out", at),),
}
