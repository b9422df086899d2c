"""Takes orders and cases in that a shop's own system pushes to us; each document has an outcome of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import Marketplace
from connectors.contract.records import CaseRecord, OrderRecord, RawDocument
from oms.app.capture import cases
from oms.app.capture.intake import parser_of, take_in_safely
from oms.app.capture.pushed_checks import check_times, refuse_strange_cases
from oms.app.capture.versions import check_record
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.db.bulk import array_of
from oms.domain.errors import NotFound, NotPossible

#: When what the hub holds now was changed, by the document's number.
Held = dict[str, datetime]
PARKED = "the document was not taken in and waits for people; look at Operations · Parked"
CORRECT = "correct the field and send the document again"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one document ended: new, newer, unchanged or refused; a refusal names the field and the remedy."""

    external_no: str
    outcome: str
    field: str = ""
    detail: str = ""
    remedy: str = ""


def open_shop(hub: Hub, shop_id: int) -> ShopCard:
    """The shop, when its documents are pushed to us and not pulled; NotPossible otherwise."""
    shop = hub.masters.get(hub.engine, hub.clock()).shops.get(shop_id)
    if shop is None:
        raise NotFound("there is no such shop", "look the shop's number up with GET /api/v1/shops")
    vendor = hub.vendors.get(shop.vendor)
    able = vendor.capabilities() if vendor is not None and issubclass(vendor, Marketplace) else frozenset()
    if "parse_order" not in able or "pull_orders" in able:
        raise NotPossible("this shop's orders come from its platform", "use a shop of the standard interface")
    if shop.mode == "closed":
        raise NotPossible("this shop is closed", "open it under Settings · Shops")
    return shop


def read_order(hub: Hub, shop: ShopCard, body: bytes) -> OrderRecord:
    """The order in a document, checked as intake checks it; BadRecord names the field."""
    record: OrderRecord = _plain(parser_of(hub, shop).parse_order, body)
    check_record(record)
    check_times(record, hub.clock())
    return record


def take_orders(hub: Hub, shop: ShopCard, bodies: Sequence[bytes]) -> list[Outcome]:
    """Take orders in. Repeats and old versions change nothing; what cannot be read is refused and not kept."""
    now = hub.clock()
    read = [_try(lambda body=body: read_order(hub, shop, body)) for body in bodies]  # type: ignore[misc]
    documents = [_document("order", record, body, now) for record, body in zip(read, bodies, strict=True)]
    good = tuple(document for document in documents if document is not None)
    numbers = [document.external_no for document in good]
    taken = take_in_safely(hub, shop, good, lambda _: None)
    hub.poke("advance")
    return _outcomes(read, taken.made, taken.changed, _held(hub, _ORDERS, shop, numbers))


def take_cases(hub: Hub, shop: ShopCard, bodies: Sequence[bytes]) -> list[Outcome]:
    """Take refunds, returns and exchanges in; an order whose money is asked back is held at once."""
    now, parser = hub.clock(), parser_of(hub, shop)
    read = [_try(lambda body=body: _read_case(parser, body, now)) for body in bodies]  # type: ignore[misc]
    with hub.engine.connect() as connection:
        read = refuse_strange_cases(connection, shop.id, read)
    documents = [_document("case", record, body, now) for record, body in zip(read, bodies, strict=True)]
    good = [document for document in documents if document is not None]
    numbers = [document.external_no for document in good]
    with hub.begin() as connection:
        kept = cases.keep_cases(hub, connection, shop, parser, good)
    hub.poke("advance")
    made = {one.record.external_no for one in kept if one.is_new}
    changed = {one.record.external_no for one in kept}
    return _outcomes(read, made, changed, _held(hub, _CASES, shop, numbers))


def _read_case(parser: Marketplace, body: bytes, now: datetime) -> CaseRecord:
    record: CaseRecord = _plain(parser.parse_case, body)
    check_times(record, now)
    return record


def _plain(parse: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return parse(body)
    except BadRecord:
        raise
    except (ConnectorError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise BadRecord(f"cannot be read ({type(error).__name__})", field="document") from None


def _try(parse: Callable[[], OrderRecord | CaseRecord]) -> OrderRecord | CaseRecord | BadRecord:
    try:
        return parse()
    except BadRecord as error:
        return error


def _document(kind: str, record: Any, body: bytes, now: datetime) -> RawDocument | None:
    if isinstance(record, BadRecord):
        return None
    return RawDocument(kind, record.external_no, body, now, record.changed_at)


_ORDERS = """select external_no, changed_at from orders
where shop_id = %s and origin = 'platform' and external_no = any(%s)"""
_CASES = """select external_no, changed_at from cases
where shop_id = %s and origin = 'platform' and external_no = any(%s)"""


def _held(hub: Hub, question: str, shop: ShopCard, numbers: Sequence[str]) -> Held:
    with hub.engine.connect() as connection:
        return dict(fetch(connection, question, (shop.id, array_of(numbers))))


def _outcomes(read: Sequence[Any], made: Set[str], changed: Set[str], held: Held) -> list[Outcome]:
    """The outcome of each document: of calls at once that bring the same one, one alone hears that it is new."""
    return [refusal("", item) if isinstance(item, BadRecord) else _outcome(item, made, changed, held) for item in read]


def refusal(external_no: str, error: BadRecord) -> Outcome:
    """The outcome of a document that cannot be read."""
    field = error.field or "document"
    return Outcome(external_no, "refused", field, error.words.removeprefix(f"{field}: "), CORRECT)


def _outcome(record: Any, made: Set[str], changed: Set[str], held: Held) -> Outcome:
    number = record.external_no
    if number not in held:
        return Outcome(number, "refused", "document", PARKED, "correct the document, then send it again")
    if number in made:
        return Outcome(number, "new")
    is_ours = number in changed and record.changed_at == held[number]
    return Outcome(number, "newer" if is_ours else "unchanged")
