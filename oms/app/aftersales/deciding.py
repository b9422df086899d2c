"""A person agrees to a case, refuses it, pays it back, or says which goods came or left; the outbox tells the platform.

How it is told and what follows is in oms.app.pipeline.outbound.decisions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.aftersales.at_store.own_cases import STORE, answer_own, check_rest, verbs_of_own
from oms.app.aftersales.paying import owe
from oms.app.aftersales.said import Said
from oms.app.aftersales.stored import StoredCase, allowed, lock_case, lock_order_of
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.outbound import void_on
from oms.app.pipeline.outbound.decisions import leave_step
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotPossible, Stale

CALLS: Final = {
    "agree": "decide_case",
    "refuse": "decide_case",
    "goods_received": "goods_received",
    "refund": "refund_case",
    "ship_exchange": "ship_exchange",
}
ON_THE_REQUEST: Final = {"agree", "refuse"}
#: What may be done in a state where a platform does not say what it allows; it refuses the rest with its own words.
BY_STATE: Final[dict[str, tuple[str, ...]]] = {
    "asked": ("agree", "refuse"),
    "agreed": ("goods_received",),
    "returned": ("agree", "refuse", "goods_received"),
}
#: Kinds and states in which goods may leave in exchange, where a platform does not say so.
EXCHANGED: Final = {(kind, state) for kind in ("exchange", "reship") for state in ("agreed", "returned")}
WAYBILL: Final = re.compile(r"[0-9A-Z-]{6,40}")
#: What the history and the order's timeline tell of a refund or a parcel.
SHOWN: Final = ("amount", "currency", "carrier", "waybill")
#: Facts of our own, which nobody types.
OWN: Final = ("kind", "state", "version", "phase", "amount", "order_no")
MOST_FACTS = 20
LONGEST = 500
#: Earlier versions of a case in which a decision is looked for.
MOST_VERSIONS = 200


def decide_case(
    hub: Hub,
    case_id: int,
    agree: bool,
    words: str,
    facts: Mapping[str, str],
    actor: str,
    *,
    seen_version: int | None = None,
) -> None:
    """Agree or refuse; Stale when the case is another than the one seen, NotPossible when its platform forbids it."""
    _tell(hub, case_id, Said("agree" if agree else "refuse", words, facts), actor, seen_version)


def goods_received(
    hub: Hub, case_id: int, facts: Mapping[str, str], actor: str, *, seen_version: int | None = None
) -> None:
    """Tell the platform that the returned goods are back; refusals as for `decide_case`."""
    _tell(hub, case_id, Said("goods_received", "", facts), actor, seen_version)


def refund_case(
    hub: Hub,
    case_id: int,
    amount: int,
    words: str,
    facts: Mapping[str, str],
    actor: str,
    *,
    seen_version: int | None = None,
) -> None:
    """Pay the buyer back through the platform, once for each case; `amount` in minor units of the case's currency.

    Refusals as for `decide_case`; Invalid when the amount is more than was asked for or paid.
    """
    _tell(hub, case_id, Said("refund", words, facts, amount), actor, seen_version)


def ship_exchange(
    hub: Hub, case_id: int, carrier_code: str, waybill_no: str, actor: str, *, seen_version: int | None = None
) -> None:
    """Tell the platform in which parcel an exchange's goods left; refusals as for `decide_case`."""
    said = Said("ship_exchange", carrier=carrier_code.strip(), waybill=waybill_no.strip().upper())
    _tell(hub, case_id, said, actor, seen_version)


def verbs_of(vendor: type[Any] | None, state: str, allows: Sequence[str], kind: str) -> tuple[str, ...]:
    """What the hub can tell this platform about a case in this state; `allows` is what the platform said, if it did.

    Money is paid only where the platform says that it lets us: one that never says pays by itself.
    """
    able = vendor.capabilities() if vendor is not None else frozenset()
    wanted = allows or (*BY_STATE.get(state, ()), *(("ship_exchange",) if (kind, state) in EXCHANGED else ()))
    return tuple(verb for verb, call in CALLS.items() if verb in wanted and call in able)


def offered(vendor: type[Any] | None, case: Any, allows: Sequence[str]) -> tuple[str, ...]:
    """The verbs for a case's row as it stands; what was paid or sent already is not offered again."""
    if case.origin == STORE:
        return verbs_of_own(case, vendor is not None and CALLS["refund"] in vendor.capabilities())
    done = {"refund"} if case.money in ("submitted", "paid") or case.order_id is None else set()
    done |= {"ship_exchange"} if case.remedy == "shipped" else set()
    return tuple(verb for verb in verbs_of(vendor, case.platform_state, allows, case.kind) if verb not in done)


def pay_by_hand(hub: Hub, case_id: int, words: str, actor: str, *, seen_version: int | None = None) -> None:
    """Say that the rest of a store's case was paid outside of the hub; `words` are how, and the number it has there."""
    _tell(hub, case_id, Said("pay_by_hand", words), actor, seen_version)


def _tell(hub: Hub, case_id: int, said: Said, actor: str, seen_version: int | None) -> None:
    with hub.begin() as connection:
        lock_order_of(connection, case_id)
        case = lock_case(connection, case_id)
        if seen_version is not None and seen_version != case.version:
            raise Stale("the case has changed since you looked", "reload it and look at what changed")
        tell_on(hub, connection, case, said, actor)
    hub.poke("outbound")


def tell_on(hub: Hub, connection: Connection, case: StoredCase, said: Said, actor: str) -> None:
    """Say it about a case that is locked; refusals as for `decide_case`. Poke the outbox after the commit."""
    said = replace(said, words=said.words.strip(), facts=_checked(said.words, said.facts))
    if case.origin == STORE and said.verb != "refund":
        answer_own(hub, connection, case, said, actor)
        return
    card = hub.masters.get(connection, hub.clock()).shops[case.shop_id]
    allows = allowed(connection, case.id)
    _check_allowed(hub, card, case, said.verb, allows)
    _make_way(hub, connection, case, said.verb, actor)
    promised = {"allows": list(allows), **_promised(hub, connection, case, said)}
    _write(hub, connection, card, case, said, promised, actor)


def _promised(hub: Hub, connection: Connection, case: StoredCase, said: Said) -> dict[str, Any]:
    """What the outbound row keeps of a refund or a parcel."""
    if said.verb == "refund":
        if case.origin == STORE:
            check_rest(connection, case, said.amount)
        return owe(hub, connection, case, said.amount)
    if said.verb != "ship_exchange":
        return {}
    if case.remedy == "shipped":
        raise NotPossible("the parcel of this exchange is told already")
    if not fetch(connection, "select 1 from carrier where code = %s", (said.carrier,)):
        raise Invalid("carrier", "is none of ours", "choose one of the list")
    if not WAYBILL.fullmatch(said.waybill):
        raise Invalid("waybill", "is no number of a parcel", "type its 6 to 40 letters and digits")
    return {"carrier": said.carrier, "waybill": said.waybill}


def _checked(words: str, facts: Mapping[str, str]) -> dict[str, str]:
    if len(words) > LONGEST:
        raise Invalid("words", "are longer than 500 characters", "say it shorter")
    if len(facts) > MOST_FACTS or any(len(name) > 50 or len(value) > LONGEST for name, value in facts.items()):
        raise Invalid("facts", "are too many or too long", "give only what the platform asks for")
    if "\0" in words or any("\0" in name + value for name, value in facts.items()):
        raise Invalid("words", "hold a character that cannot be stored", "type them anew")
    return {name: value for name, value in facts.items() if name not in OWN}


def _check_allowed(hub: Hub, card: ShopCard, case: StoredCase, verb: str, allows: Sequence[str]) -> None:
    vendor = hub.vendors.get(card.vendor)
    if vendor is None or card.account_id is None or CALLS[verb] not in vendor.capabilities():
        raise NotPossible("this platform takes no such decision from us", "decide it on the platform's own page")
    if card.mode != "live":
        raise NotPossible("this shop is only observed", "decide it where the shop is run, or set the shop live")
    if case.outcome != "open" or verb not in verbs_of(vendor, case.state, allows, case.kind):
        raise NotPossible("the platform does not allow this for the case as it stands now")


def _make_way(hub: Hub, connection: Connection, case: StoredCase, verb: str, actor: str) -> None:
    """One decision at a time: one that is on its way or has been told stands; a refused one gives way to the new."""
    rows = fetch(
        connection,
        """select id, state, detail ->> 'state', detail ->> 'changed_at', detail ->> 'verb'
           from outbound where key = any(%s)""",
        ([_key(case.id, version) for version in range(max(1, case.version - MOST_VERSIONS), case.version)],),
    )
    for id_, state, decided_in, stamp, told in rows:
        if state in ("waiting", "sending", "unknown", "stuck"):
            raise NotPossible("a decision about this case is on its way", "wait for its answer, or give it up there")
        is_same = told == verb or {told, verb} <= ON_THE_REQUEST
        if state == "done" and is_same and (decided_in, datetime.fromisoformat(stamp)) == (case.state, case.changed_at):
            raise NotPossible("this case is decided already", "wait until the platform tells its new state")
        if state == "refused":
            void_on(connection, [id_], hub.clock(), actor, "decided anew")


def _write(
    hub: Hub, connection: Connection, card: ShopCard, case: StoredCase, said: Said, promised: Mapping[str, Any],
    actor: str,
) -> None:  # fmt: skip
    """The case's new version with its step, the order's event, and the row for the outbox."""
    now, verb, shown = hub.clock(), said.verb, {name: promised[name] for name in SHOWN if name in promised}
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update cases set version = version + 1, review = %s where id = %s", (_review(case, verb), case.id)
        )
    leave_step(connection, case.id, "merchant", actor, verb, said.words, {"facts": dict(said.facts), **shown}, now)
    batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
    if case.order_id is not None:
        fill(batch, lock_with_siblings(connection, [case.order_id]))
        note = {"case": case.external_no, "reason": said.words, **shown}
        batch.note(batch.orders[case.order_id], f"case_{verb}", note)
    detail = {
        "case_id": case.id, "case_no": case.external_no, "verb": verb, "words": said.words,
        "facts": {**said.facts, **_own(case)}, "state": case.state, "changed_at": case.changed_at.isoformat(),
        "before": case.review, "version": case.version + 1, "origin": case.origin, **promised,
    }  # fmt: skip
    key = _key(case.id, case.version)
    batch.send("decide_case", card.account_id or 0, key, order_id=case.order_id, shop_id=case.shop_id, detail=detail)
    flush(batch)


def _key(case_id: int, version: int) -> str:
    """One decision for each version of a case."""
    return f"decide_case-{case_id}-{version}"


def _review(case: StoredCase, verb: str) -> str:
    """Our word on the request itself; that goods are back says nothing new about it."""
    if verb == "agree":
        return "agreed"
    return "refused" if verb == "refuse" and case.review == "waiting" else case.review


def _own(case: StoredCase) -> dict[str, str]:
    return {
        "kind": case.kind,
        "state": case.state,
        "version": case.platform_version,
        "phase": case.phase,
        "amount": str(case.amount),
        "order_no": case.order_no,
    }
