"""Builds a refund, return or exchange from a document of the interface. Pure."""

from __future__ import annotations

from typing import Final

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.standard.reading import (
    LONGEST_ID,
    Json,
    currency,
    document,
    given_amount,
    given_moment,
    moment,
    required,
    text,
    units,
    word,
)

KINDS: Final = ("refund", "return", "exchange", "repair", "reship", "other")
#: What the seller may do about a case, by where it stands.
ALLOWS: Final = {RefundState.ASKED: ("agree", "refuse"), RefundState.RETURNED: ("goods_received",)}
MOST_PICTURES = 20


def read_case(body: bytes) -> CaseRecord:
    """The normalised case; BadRecord names the field at fault."""
    tree = document(body)
    kind = text(tree, "kind")
    if kind not in KINDS:
        raise BadRecord(f"this is none of {', '.join(KINDS)}", field="kind")
    state, line_no, wanted = word(RefundState, tree, "state"), required(tree, "line_no"), given_amount(tree, "amount")
    count = units(tree, "units") if "units" in tree else 0
    return CaseRecord(
        external_no=required(tree, "external_no"),
        order_no=required(tree, "order_no"),
        line_no=line_no,
        kind=kind,
        state=state,
        platform_status=state.value,
        currency=currency(tree, "currency"),
        amount=wanted,
        changed_at=given_moment(tree, "changed_at"),
        created_at=given_moment(tree, "created_at"),
        units=count,
        reason=text(tree, "reason", longest=LONGEST_ID),
        words=text(tree, "words"),
        return_carrier=text(tree, "return_carrier", longest=LONGEST_ID),
        return_waybill=text(tree, "return_waybill", longest=LONGEST_ID),
        respond_by=moment(tree, "respond_by"),
        lines=(CaseLine(line_no, count, wanted),),
        evidence=_evidence(tree),
        allows=ALLOWS.get(state, ()),
        wanted_seller_code=text(tree, "wanted_seller_code", longest=LONGEST_ID),
    )


def _evidence(tree: Json) -> tuple[str, ...]:
    found = tree.get("evidence", [])
    if not isinstance(found, list) or len(found) > MOST_PICTURES:
        raise BadRecord(f"this is no list of at most {MOST_PICTURES} addresses", field="evidence")
    for address in found:
        if type(address) is not str or not address.startswith(("https://", "http://")):
            raise BadRecord("this is no web address", field="evidence")
    return tuple(found)
