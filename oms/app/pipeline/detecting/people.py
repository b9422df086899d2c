"""Detectors of receivers, buyers, payments and the platform's words; each is a pure function that names what it saw."""

from __future__ import annotations

from typing import Any, Final

from oms.app.kernel.work import OrderWork
from oms.app.pipeline.cards import Goods, Limits, Seen, Sibling

#: What platforms' codes for a suspected fraud have in them.
RISKY: Final = ("risk", "fraud")
MOST_NUMBERS: Final = 5
#: What a fulfilment is before anybody outside is told of it.
INSIDE: Final = ("planned", "on_hold")


def bad_address(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """Goods are to go where not even the province is known, or to a plain receiver that lacks a part.

    A district stands for its city.
    """
    if order.division_code and order.id not in goods.lacking:
        return None
    if not goods.open_lines(order):
        return None
    seen: dict[str, Any] = {} if order.division_code else {"division": ""}
    if order.id in goods.lacking:
        seen["missing"] = list(goods.lacking[order.id])
    return seen


def _odd(order: OrderWork, goods: Goods, kind: str) -> list[str] | None:
    """What intake told of the receiver's text for a kind of hold, while something is left to ship."""
    for told in goods.oddities.get(order.id, ()):
        name, _, about = told.partition(":")
        if name == kind and goods.open_lines(order):
            return about.split(",") if about else []
    return None


def bad_phone(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """A plain phone that cannot be dialled: of a wrong length or form for its country."""
    if order.id not in goods.oddities:
        return None
    found = _odd(order, goods, "bad_phone")
    return {"phone": found[0]} if found else None


def double_address(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """The text of a plain address names two places."""
    if order.id not in goods.oddities or _odd(order, goods, "double_address") is None:
        return None
    return {"parts": ["street"]}


def ciphertext_address(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """Ciphertext or stars of a receiver that the platform calls plain."""
    if order.id not in goods.oddities:
        return None
    found = _odd(order, goods, "ciphertext_address")
    return {"parts": found} if found else None


def blacklist(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """The phone, the address or the buyer is on the blacklist; entries are told by number, never by what they hide."""
    entries = goods.listed.get(order.id)
    if not entries or not goods.open_lines(order):
        return None
    seen: dict[str, Any] = {"by": sorted({entry.kind for entry in entries}), "entries": [entry.id for entry in entries]}
    if sources := sorted({entry.source for entry in entries if entry.source}):
        seen["sources"] = sources
    return seen


def platform_hold(order: OrderWork, _goods: Goods, _limits: Limits) -> Seen:
    """The platform's own flags not to ship."""
    return {"flags": order.platform_holds} if order.platform_holds else None


def fraud_flag(order: OrderWork, _goods: Goods, _limits: Limits) -> Seen:
    """Those of the platform's flags that suspect fraud."""
    if not order.platform_holds:
        return None
    flags = [flag for flag in order.platform_holds if any(word in flag.lower() for word in RISKY)]
    return {"flags": flags} if flags else None


def balance_unpaid(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """A presale's balance is still due."""
    return {"due": goods.owing[order.id]} if order.id in goods.owing else None


def memo_present(order: OrderWork, _goods: Goods, _limits: Limits) -> Seen:
    """The seller wrote a memo."""
    return {} if order.has_memo and not _is_out(order) else None


def message_present(order: OrderWork, _goods: Goods, _limits: Limits) -> Seen:
    """The buyer left a message."""
    return {} if order.has_message and not _is_out(order) else None


def invoice_wanted(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """An invoice is asked for and not issued."""
    return {} if order.id in goods.invoiced and not _is_out(order) else None


def unpaid_sibling(order: OrderWork, goods: Goods, limits: Limits) -> Seen:
    """The buyer has another order, placed within so many hours, that is not paid yet."""
    unpaid = [it for it in _around(order, goods) if it.status == "unpaid" and it.hours_old < limits["hours"]]
    return {"orders": _numbers(unpaid)} if unpaid else None


def mergeable_sibling(order: OrderWork, goods: Goods, limits: Limits) -> Seen:
    """Another order of the same receiver waits for people or stock and could be merged with this one afterwards."""
    others = [it for it in _around(order, goods) if it.could_merge and it.hours_old < limits["hours"]]
    return {"orders": _numbers(others)} if others else None


def sibling_refund(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """The buyer asks the money of another order back."""
    found = goods.refunding.get(order.id)
    return {"orders": sorted(found)[:MOST_NUMBERS]} if found and goods.open_lines(order) and not _is_out(order) else None


def _is_out(order: OrderWork) -> bool:
    """Whether something of the order has left or is with a warehouse: advice comes too late then."""
    return any(line.shipped for line in order.lines) or any(work.status not in INSIDE for work in order.fulfilments)


def _around(order: OrderWork, goods: Goods) -> list[Sibling]:
    found = goods.siblings.get(order.id)
    return found if found and goods.open_lines(order) and not _is_out(order) else []


def _numbers(siblings: list[Sibling]) -> list[str]:
    return sorted(it.external_no for it in siblings)[:MOST_NUMBERS]
