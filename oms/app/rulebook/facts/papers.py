"""Facts of what hangs on the order: payments, invoices asked for, after-sales cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import Facts, LookUp, Stands, gathered
from oms.db.bulk import array_of
from rules.model import ValueType as V

PAYMENTS: Final = "select order_id, kind, state, amount from payment where order_id = any(%s)"
INVOICES: Final = "select order_id, kind, state from invoice_request where order_id = any(%s)"
CASES: Final = """
select order_id, kind, asked_amount, closed_at is null or closed_at > %s from cases
where order_id = any(%s) and opened_at <= %s and outcome <> 'withdrawn'"""

PAYMENT_KINDS: Final = (
    ("online", "在线支付", "online"), ("deposit", "定金", "deposit"), ("balance", "尾款", "balance"),
    ("cod", "到付", "on delivery"), ("store", "门店收款", "in store"),
)  # fmt: skip
CASE_KINDS: Final = (
    ("refund", "仅退款", "refund"), ("return", "退货退款", "return"), ("exchange", "换货", "exchange"),
    ("repair", "维修", "repair"), ("reship", "补寄", "reship"), ("other", "其他", "other"),
)  # fmt: skip
INVOICE_KINDS: Final = (
    ("personal", "个人", "personal"), ("company", "企业", "company"), ("special", "专用发票", "special"),
)  # fmt: skip

Rows = Sequence[tuple[Any, ...]]


def _by_order(rows: Rows) -> dict[int, Rows]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for order_id, *row in rows:
        found[order_id].append(tuple(row))
    return dict(found)


def _load(batch: Batch, question: str, orders: Sequence[OrderWork]) -> dict[int, Rows]:
    return _by_order(fetch(batch.connection, question, (array_of([order.id for order in orders]),)))


def _load_cases(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Rows]:
    ids = array_of([order.id for order in orders])
    return _by_order(fetch(batch.connection, CASES, (batch.now, ids, batch.now)))


PAID: Final = LookUp[Rows]("payments", lambda batch, orders: _load(batch, PAYMENTS, orders), ())
ASKED: Final = LookUp[Rows]("invoices", lambda batch, orders: _load(batch, INVOICES, orders), ())
OPENED: Final = LookUp[Rows]("cases", _load_cases, ())

_PAYMENT_SQL: Final = "payment p where p.order_id = o.id"
_INVOICE_SQL: Final = "invoice_request i where i.order_id = o.id"
_CASE_SQL: Final = "cases k where k.order_id = o.id and k.opened_at <= m.at and k.outcome <> 'withdrawn'"
_OPEN_SQL: Final = f"{_CASE_SQL} and (k.closed_at is null or k.closed_at > m.at)"


def _paid(batch: Batch, order: OrderWork, state: str, kinds: Sequence[str]) -> int:
    return sum([amount for kind, told, amount in PAID.of(batch, order) if told == state and kind in kinds])


_fact = Facts("order")
_case = Facts("order", stands=Stands.AS_OF)

FACTS: Final = (
    _fact("payment_kinds", V.SET, "收款方式", "kinds of payment",
          gathered("p.kind", _PAYMENT_SQL),
          lambda o, s, b: frozenset([kind for kind, _, _ in PAID.of(b, o)]), choices=PAYMENT_KINDS),
    _fact("deposit", V.MONEY, "已付定金", "deposit paid",
          f"""(select cast(coalesce(sum(p.amount), 0) as bigint) from {_PAYMENT_SQL}
          and p.kind = 'deposit' and p.state = 'paid')""",
          lambda o, s, b: _paid(b, o, "paid", ("deposit",))),
    _fact("amount_due", V.MONEY, "未付金额", "still to be paid before delivery",
          f"""(select cast(coalesce(sum(p.amount), 0) as bigint) from {_PAYMENT_SQL}
          and p.kind in ('online', 'deposit', 'balance', 'store') and p.state = 'due')""",
          lambda o, s, b: _paid(b, o, "due", ("online", "deposit", "balance", "store"))),
    _fact("wants_invoice", V.BOOL, "要求开票", "wants an invoice", f"exists (select from {_INVOICE_SQL})",
          lambda o, s, b: bool(ASKED.of(b, o))),
    _fact("invoice_kinds", V.SET, "发票类型", "kinds of invoice",
          gathered("i.kind", _INVOICE_SQL),
          lambda o, s, b: frozenset([kind for kind, _ in ASKED.of(b, o)]), choices=INVOICE_KINDS),
    Facts("order", stands=Stands.NOW)(
        "has_issued_invoice", V.BOOL, "已开发票", "invoice is issued",
        f"exists (select from {_INVOICE_SQL} and i.state = 'issued')",
        lambda o, s, b: any(state == "issued" for _, state in ASKED.of(b, o))),
    _case("cases", V.COUNT, "售后单数", "cases", f"(select count(*) from {_CASE_SQL})",
          lambda o, s, b: len(OPENED.of(b, o))),
    _case("open_cases", V.COUNT, "未完结售后单数", "open cases", f"(select count(*) from {_OPEN_SQL})",
          lambda o, s, b: sum([is_open for *_, is_open in OPENED.of(b, o)])),
    _case("case_kinds", V.SET, "未完结售后类型", "kinds of open cases",
          gathered("k.kind", _OPEN_SQL),
          lambda o, s, b: frozenset([kind for kind, _, is_open in OPENED.of(b, o) if is_open]), choices=CASE_KINDS),
    _case("case_amount", V.MONEY, "售后申请金额", "asked back in open cases",
          f"(select cast(coalesce(sum(k.asked_amount), 0) as bigint) from {_OPEN_SQL})",
          lambda o, s, b: sum([amount for _, amount, is_open in OPENED.of(b, o) if is_open])),
)  # fmt: skip
