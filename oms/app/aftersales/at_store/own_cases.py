"""Cases that stores opened: agreed or refused here, paid by whoever had the money; no platform knows of them.

Money that a store took goes back over its counter. The rest is paid by the platform where it lets us, else under the
case that the buyer opens there, else by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from oms.app.aftersales.stored import StoredCase, lock_case
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.decisions import leave_step, note_on
from oms.app.pipeline.outbound.repayments import close_own_case
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle
from oms.domain.errors import Invalid, NotPossible

if TYPE_CHECKING:
    from oms.app.aftersales.said import Said

STORE: Final = "store"
LONGEST: Final = 500
#: Two columns of a case are moved together by each of these.
AGREED: Final = """update cases set version = version + 1, ruled_version = version + 1, review = %s, money = %s,
  agreed_amount = asked_amount, platform_state = 'agreed', respond_by = null where id = %s"""
REFUSED: Final = """update cases set version = version + 1, ruled_version = version + 1, review = %s, outcome = %s,
  closed_at = %s, platform_state = 'refused', respond_by = null where id = %s"""
LINES: Final = """select l.external_no, c.units, c.amount from case_line c join order_line l on l.id = c.order_line_id
where c.case_id = %s order by l.line_no"""
PARTS: Final = """select r.id, r.amount, r.store_part, r.currency, r.order_id from store_return r
where r.case_id = %s for update"""


def verbs_of_own(case: Any, can_refund: bool) -> tuple[str, ...]:
    """What people may do with a case of a store as it stands; the store's part of the money is given at its counter."""
    if case.outcome != "open":
        return ()
    if case.review == "waiting":
        return ("agree", "refuse")
    if case.review != "agreed" or case.money not in ("due", "failed"):
        return ()
    return ("refund", "pay_by_hand") if can_refund else ("pay_by_hand",)


def answer_own(hub: Hub, connection: Connection, case: StoredCase, said: Said, actor: str) -> None:
    """Agree to or refuse a case of a store, or say that the rest was paid by hand; its order is locked before it."""
    if said.verb == "agree":
        agree_own(hub, connection, case.id, actor, said.words)
    elif said.verb == "refuse":
        _refuse(hub, connection, case, said.words, actor)
    elif said.verb == "pay_by_hand":
        _pay_by_hand(hub, connection, case, said.words, actor)
    else:
        raise NotPossible("a store's case knows no such step")


def agree_own(hub: Hub, connection: Connection, case_id: int, actor: str, words: str) -> None:
    """The buyer gets the money: what the store took is due at its counter, the rest elsewhere."""
    case = lock_case(connection, case_id)
    if case.outcome != "open":
        raise NotPossible("this case has ended", "look at how it ended")
    review = lifecycle.CASE_REVIEW.target(case.review, "agree")
    money = lifecycle.CASE_MONEY.target(case.money, "owe") if case.amount else case.money
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(AGREED, (review, money, case.id))
        for _id, _amount, store_part, currency, order_id in fetch(connection, PARTS, (case.id,)):
            if store_part:
                cursor.execute(
                    """insert into refund (id, case_id, order_id, state, amount, currency, paid_by_platform, created_at)
                       values (%s, %s, %s, 'due', %s, %s, false, %s)""",
                    (hub.ids.take(connection, 1)[0], case.id, order_id, store_part, currency, hub.clock()),
                )
    lines = [list(row) for row in fetch(connection, LINES, (case.id,))]
    leave_step(
        connection, case.id, "merchant", actor, "agree", words, {"lines": lines, "allows": ["refund"]}, hub.clock()
    )
    note_on(hub, connection, case.order_id, actor, "case_agree", {"case": case.external_no, "reason": words})
    close_own_case(connection, case.id, hub.clock())


def can_refund(hub: Hub, connection: Connection, case: StoredCase) -> bool:
    """Whether the shop's platform pays back what we tell it to."""
    card = hub.masters.get(connection, hub.clock()).shops.get(case.shop_id)
    vendor = hub.vendors.get(card.vendor) if card is not None else None
    return vendor is not None and card is not None and card.mode == "live" and "refund_case" in vendor.capabilities()


def rest_of(connection: Connection, case_id: int) -> int:
    """What of a case is neither the store's to give nor promised already."""
    question = """
      select c.asked_amount - coalesce((select sum(r.store_part) from store_return r where r.case_id = c.id), 0)
        - coalesce((select sum(f.amount) from refund f where f.case_id = c.id and f.state in ('submitted', 'paid')
            and (f.paid_by_platform or not exists (select from store_payout p where p.refund_id = f.id))), 0)
      from cases c where c.id = %s"""
    return max(0, int(fetch(connection, question, (case_id,))[0][0]))


def check_rest(connection: Connection, case: StoredCase, amount: int) -> None:
    """The platform pays only what somebody agreed to, and not what the store gives back."""
    require_agreed(case)
    if amount > rest_of(connection, case.id):
        raise Invalid("amount", "is more than the platform's part", "the store gives back the rest at its counter")


def require_agreed(case: StoredCase) -> None:
    """Money is paid only for what somebody agreed to."""
    if case.review != "agreed" or case.outcome != "open":
        raise NotPossible("nobody has agreed to this yet", "have customer service answer the case first")


def _refuse(hub: Hub, connection: Connection, case: StoredCase, words: str, actor: str) -> None:
    if not words:
        raise Invalid("words", "a reason is needed", "tell the buyer why")
    review = lifecycle.CASE_REVIEW.target(case.review, "refuse")
    outcome = lifecycle.CASE_OUTCOME.target(case.outcome, "close")
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(REFUSED, (review, outcome, hub.clock(), case.id))
    leave_step(connection, case.id, "merchant", actor, "refuse", words, {}, hub.clock())
    note_on(hub, connection, case.order_id, actor, "case_refuse", {"case": case.external_no, "reason": words})


def _pay_by_hand(hub: Hub, connection: Connection, case: StoredCase, words: str, actor: str) -> None:
    """The rest was paid outside of the hub, say by transfer."""
    require_agreed(case)
    rest = rest_of(connection, case.id)
    if not rest:
        raise NotPossible("the store gives back all of it at its counter", "have the buyer come to the store")
    if not words:
        raise Invalid("words", "a reference is needed", "write how it was paid and its number")
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into refund (id, case_id, order_id, state, amount, currency, paid_by_platform, created_at, paid_at,
                 reference) values (%s, %s, %s, 'paid', %s, %s, false, %s, %s, %s)""",
            (hub.ids.take(connection, 1)[0], case.id, case.order_id, rest, case.currency, hub.clock(), hub.clock(),
             words[:200]),
        )  # fmt: skip
        cursor.execute("update cases set version = version + 1 where id = %s", (case.id,))
    leave_step(connection, case.id, "merchant", actor, "paid_by_hand", words, {"amount": rest}, hub.clock())
    told = {"case": case.external_no, "amount": rest, "currency": case.currency}
    note_on(hub, connection, case.order_id, actor, "case_paid_by_hand", told)
    close_own_case(connection, case.id, hub.clock())
