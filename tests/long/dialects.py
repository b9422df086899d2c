"""How each platform tells its orders to a seller: what of its own ledger can be seen from outside, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.journeys.stage import money

Doc = dict[str, Any]
Line = tuple[str, int, str]


def same_state(trade: Doc) -> str:
    """The kit's own words are the contract's."""
    return str(trade["status"])


def kit_lines(trade: Doc) -> list[Line]:
    """Code, units and refund of every line that is not taken back as a whole."""
    return [
        (line["outer_sku_id"], line["num"], line["refund_status"]) for line in trade["lines"]
        if line["cancelled_num"] < line["num"]
    ]  # fmt: skip


def every_line(trade: Doc) -> list[Line]:
    """The same where a line stays in the order though its money went back before it left."""
    return [(line["outer_sku_id"], line["num"], line["refund_status"]) for line in trade["lines"]]


def kit_cases(trade: Doc) -> list[tuple[str, int]]:
    """State and amount of every case; the ledger tells one of several lines once for each."""
    cases = {case["refund_id"]: (case["status"].lower(), case["amount"]) for case in trade["refunds"]}
    return sorted(cases.values())


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a seller is told; nothing of an order whose `state` is empty.

    `cases` and `total` are None where a platform has none that its ledger keeps one by one. `hides` are states in which
    an order may not be shown at all; `alike` are states that a seller cannot tell apart. Where orders do not tell
    refunds, cases alone say how far one is. What became of lines whose money went back, and of all of a cancelled
    order, every platform says otherwise.
    """

    state: Callable[[Doc], str] = same_state
    lines: Callable[[Doc], list[Line]] = kit_lines
    cases: Callable[[Doc], list[tuple[str, int]]] | None = kit_cases
    total: Callable[[Doc], int] | None = lambda trade: money(trade["payment"])
    hides: frozenset[str] = frozenset()
    alike: Mapping[str, str] = field(default_factory=dict)
    tells_refunds: bool = True
    orders_tell_refunds: bool = True

    def expected(self, trade: Doc) -> Doc:
        """What the hub should hold of an order of the ledger."""
        found: Doc = {"state": self.state(trade), "lines": self.lines(trade)}
        if self.cases is not None:
            found["cases"] = self.cases(trade)
        if self.total is not None:
            found["total"] = self.total(trade)
        return self.comparable(found)

    def comparable(self, found: Doc) -> Doc:
        """The same without what cannot be told."""
        if not found:
            return found
        state = self.alike.get(found["state"], found["state"])
        lines = sorted(
            (code, units, plain(refund) if self.tells_refunds else "") for code, units, refund in found["lines"]
        )
        told = {**found, "state": state, "lines": lines}
        if "cases" in told:
            told["cases"] = sorted((self.alike.get(case, case), amount) for case, amount in told["cases"])
        if not state:
            return {}
        if self.tells_refunds:
            told["lines"] = [line for line in lines if line[2] != "succeeded"]
        if state == "cancelled":
            told = {part: told[part] for part in told if part not in ("lines", "total")}
        return told


def plain(refund: str) -> str:
    """A request that was called off leaves a line as it was."""
    return "none" if refund == "closed" else refund


def woo_state(trade: Doc) -> str:
    """Parcels do not part an order there; fully refunded is a status of its own, which freight keeps it from."""
    if all(line["refund_status"] == "succeeded" for line in trade["lines"]):
        return ""
    return {"part_shipped": "open", "shipped": "open"}.get(trade["status"], str(trade["status"]))


def douyin_state(trade: Doc) -> str:
    """An order whose money all went back after it was shipped or received is closed there."""
    is_paid_back = all(line["refund_status"] == "succeeded" for line in trade["lines"])
    return "cancelled" if is_paid_back and trade["status"] in ("shipped", "completed") else str(trade["status"])


def vendure_state(trade: Doc) -> str:
    """Units that came back are off the order there, and one without any is cancelled, however far it had got."""
    back = {case["oid"] for case in trade["refunds"] if case["received"] and case["status"] == "succeeded"}
    is_empty = all(line["oid"] in back or line["cancelled_num"] >= line["num"] for line in trade["lines"])
    return "cancelled" if is_empty else str(trade["status"])


TAOBAO_STATES: Final = {
    "WAIT_BUYER_PAY": "unpaid", "TRADE_NO_CREATE_PAY": "unpaid", "PAY_PENDING": "unpaid",
    "WAIT_SELLER_SEND_GOODS": "open", "PAID_FORBID_CONSIGN": "open", "SELLER_CONSIGNED_PART": "part_shipped",
    "WAIT_BUYER_CONFIRM_GOODS": "shipped", "TRADE_BUYER_SIGNED": "shipped", "TRADE_FINISHED": "completed",
    "TRADE_CLOSED": "cancelled", "TRADE_CLOSED_BY_TAOBAO": "cancelled",
}  # fmt: skip
TAOBAO_REFUNDS: Final = {
    "NO_REFUND": "none", "WAIT_SELLER_AGREE": "asked", "WAIT_BUYER_RETURN_GOODS": "agreed",
    "WAIT_SELLER_CONFIRM_GOODS": "returned", "SELLER_REFUSE_BUYER": "refused", "CLOSED": "closed",
    "SUCCESS": "succeeded",
}  # fmt: skip
TAOBAO: Final = Dialect(
    state=lambda trade: TAOBAO_STATES[trade["status"]],
    lines=lambda trade: [
        (line["outer_sku_id"], line["num"], TAOBAO_REFUNDS[line["refund_status"]]) for line in trade["lines"]
        if TAOBAO_STATES[line["status"]] != "cancelled"
    ],
    cases=lambda trade: sorted((TAOBAO_REFUNDS[case["status"]], money(case["refund_fee"])) for case in trade["refunds"]),
)  # fmt: skip
UNPAID: Final = frozenset({"unpaid", "cancelled"})
#: Money that an edit adds is open again, units paid back count as gone, and no order is ever completed.
SALEOR: Final = dict.fromkeys(("unpaid", "part_shipped", "shipped", "completed"), "open")
DIALECTS: Final = {
    "taobao": TAOBAO,
    # Of money that JD gives back by itself it may say no more than that it was agreed to.
    "jd": Dialect(hides=UNPAID, alike={"succeeded": "agreed"}, tells_refunds=False),
    "pinduoduo": Dialect(hides=UNPAID, tells_refunds=False),
    "douyin": Dialect(state=douyin_state),
    "suning": Dialect(hides=UNPAID, orders_tell_refunds=False),
    # A seller's own refunds: the ledger keeps what buyers asked for, the platform what was paid.
    "shopify": Dialect(cases=None, total=None),
    "woocommerce": Dialect(state=woo_state, alike={"shipped": "open"}, lines=every_line, cases=None, tells_refunds=False),
    "medusa": Dialect(cases=None, total=None, tells_refunds=False),
    # Amazon's buyers cannot edit an order, so its twin does not price edits as the ledger does.
    "amazon": Dialect(cases=None, total=None, hides=UNPAID, tells_refunds=False),
    "vendure": Dialect(state=vendure_state, cases=None, total=None, hides=UNPAID, tells_refunds=False),
    "saleor": Dialect(lines=every_line, cases=None, alike=SALEOR, tells_refunds=False),
}
