"""What a platform says of its orders beside what the hub holds of them.

Twice: by the platform's own ledger, with no connector in between, as far as it tells a seller; and by every field of
the documents as they are now, read by the connector.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.contract import records as r
from oms.app.kernel.receivers import open_receiver
from tests.long.dialects import DIALECTS, plain
from tests.long.one_hub import OneHub
from tests.long.platforms import Platform

Doc = dict[str, Any]
ORDER = """select id, platform_state, paid_total, paid_at, is_cod, flag from orders
    where shop_id = :shop and origin = 'platform' and external_no = :no"""
LINES = """select external_no, seller_code, ordered, refund_state, platform_state, paid_amount, kind, fulfiller,
    shipped
    from order_line where order_id = :id and not is_gone"""
CASES = """select external_no, platform_state, asked_amount, kind, return_waybill from cases
    where shop_id = :shop and order_no = :no"""
MOST_PAGES = 40


def differences(hub: OneHub, platform: Platform, numbers: list[str], since: datetime) -> Doc:
    """Order → part → (what the platform says, what the hub says); empty when they agree. Troubles count, too."""
    found: Doc = {}
    dialect, cases = DIALECTS[platform.vendor], documented_cases(platform, since)
    for number in numbers:
        held = held_of(hub, platform, number)
        said = dialect.expected(platform.trade(number))
        if not held and said["state"] in dialect.hides:
            continue
        documents = documented(platform, number, cases) if held else {}
        _allow_for_shipped(held, documents)
        wrong = _compared(said, dialect.comparable(_told(held)))
        if held:
            tells = dialect.tells_refunds and dialect.orders_tell_refunds and held["state"] != "cancelled"
            wrong |= _compared(_read(documents, tells), _read(held, tells))
        if wrong:
            found[number] = wrong
    if troubles := hub.troubles(platform, numbers):
        found["troubles"] = troubles
    return found


def _compared(said: Doc, held: Doc) -> Doc:
    return {part: (said[part], held.get(part)) for part in said if said[part] != held.get(part)}


def _allow_for_shipped(held: Doc, documents: Doc) -> None:
    """Units that have left stay in the hub's line, though the platform takes them off afterwards."""
    for number, said in documents.get("all lines", {}).items():
        ours = held["all lines"].get(number)
        if ours is not None and said[1] < ours[1] == held["left"][number]:
            held["all lines"][number] = (ours[0], said[1], *ours[2:])


def _read(found: Doc, tells_refunds: bool) -> Doc:
    """Lines by what their document says; the hub may know more of a refund from its case."""
    lines = {
        number: (line[0], line[1], plain(line[2]) if tells_refunds else "", *line[3:])
        for number, line in found["all lines"].items()
    }
    return {**found, "all lines": lines}


def _told(held: Doc) -> Doc:
    """What the hub holds in the words of a ledger."""
    if not held:
        return held
    goods = [line for line in held["all lines"].values() if line[5] == "goods" and line[3] != "cancelled"]
    return {
        "state": held["state"], "total": held["total"], "lines": [line[:3] for line in goods],
        "cases": sorted(case[:2] for case in held["all cases"].values()),
    }  # fmt: skip


def held_of(hub: OneHub, platform: Platform, number: str) -> Doc:
    """Everything that the hub holds of an order; nothing when it has none of this number."""
    shop = hub.shops[platform.vendor]
    rows = hub.world.rows(ORDER, shop=shop, no=number)
    if not rows:
        return {}
    order = rows[0]
    lines = {row[0]: tuple(row[1:-1]) for row in hub.world.rows(LINES, id=order.id)}
    left = {row[0]: row.shipped for row in hub.world.rows(LINES, id=order.id)}
    cases = {row[0]: tuple(row[1:]) for row in hub.world.rows(CASES, shop=shop, no=number)}
    with hub.world.hub.engine.connect() as connection:
        person, words = open_receiver(hub.world.hub, connection, order.id)
    return {
        "state": order.platform_state, "total": order.paid_total, "paid at": order.paid_at, "cod": order.is_cod,
        "flag": order.flag, "left": left, "all lines": lines, "all cases": cases, "receiver": _shown(person),
        "memo": words["memo"], "message": words["message"],
    }  # fmt: skip


def documented(platform: Platform, number: str, cases: list[r.CaseRecord]) -> Doc:
    """The same by the order's document as it is now, and by the cases' as they are now."""
    order = platform.order(number)
    own = [case for case in cases if case.order_no == number]
    return {
        "state": order.state.value, "total": order.paid_total, "paid at": order.paid_at, "cod": order.is_cod,
        "flag": order.flag,
        "all lines": {
            line.external_no: (line.seller_code, line.units, line.refund.value, line.state.value, line.paid_amount,
                               line.kind, line.fulfiller.value)
            for line in order.lines
        },
        "all cases": {
            case.external_no: (case.state.value, case.amount, case.kind, case.return_waybill) for case in own
        },
        "receiver": _shown(order.receiver), "memo": order.seller_memo, "message": order.buyer_message,
    }  # fmt: skip


def documented_cases(platform: Platform, since: datetime) -> list[r.CaseRecord]:
    """Every case of the span by a walk of its own."""
    account = replace(platform.account, settings={**platform.account.settings, "since": since.isoformat()})
    shop, cursor = platform.connector(account), ""
    found: dict[str, r.CaseRecord] = {}
    if "pull_cases" not in platform.able:
        return []
    for pull in range(1, MOST_PAGES):
        page = shop.pull_cases(cursor)
        bodies = [document.body for document in page.documents]
        bodies += [shop.get_case(reference.external_no).body for reference in page.references]
        found |= {case.external_no: case for case in map(shop.parse_case, bodies)}
        cursor = page.cursor
        if not page.more and pull >= platform.traveller.case_pulls:
            break
    return list(found.values())


def _shown(person: r.ReceiverRecord) -> tuple[str, ...]:
    """A receiver without what is encrypted anew at each reading."""
    return (person.name, person.phone, person.state, person.city, person.district, person.address, person.identity)
