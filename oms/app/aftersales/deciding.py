"""A person agrees to a case, refuses it, or says that its goods are back; the outbox tells the platform.

How it is told and what follows is in oms.app.pipeline.decisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.outbound import void_on
from oms.app.pipeline.decisions import leave_step
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible, Stale

CALLS: Final = {"agree": "decide_case", "refuse": "decide_case", "goods_received": "goods_received"}
#: What may be done in a state where a platform does not say what it allows; it refuses the rest with its own words.
BY_STATE: Final[dict[str, tuple[str, ...]]] = {
    "asked": ("agree", "refuse"),
    "agreed": ("goods_received",),
    "returned": ("agree", "refuse", "goods_received"),
}
#: Facts of our own, which nobody types.
OWN: Final = ("kind", "state", "version", "phase", "amount", "order_no")
MOST_FACTS = 20
LONGEST = 500
#: Earlier versions of a case in which a decision is looked for.
MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it is decided."""

    id: int
    shop_id: int
    order_id: int | None
    external_no: str
    order_no: str
    kind: str
    review: str
    outcome: str
    state: str
    platform_version: str
    phase: str
    amount: int
    changed_at: datetime
    version: int


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
    _tell(hub, case_id, "agree" if agree else "refuse", words, facts, actor, seen_version)


def goods_received(
    hub: Hub, case_id: int, facts: Mapping[str, str], actor: str, *, seen_version: int | None = None
) -> None:
    """Tell the platform that the returned goods are back; refusals as for `decide_case`."""
    _tell(hub, case_id, "goods_received", "", facts, actor, seen_version)


def verbs_of(vendor: type[Any] | None, state: str, allows: Sequence[str]) -> tuple[str, ...]:
    """What the hub can tell this platform about a case in this state; `allows` is what the platform said, if it did."""
    able = vendor.capabilities() if vendor is not None else frozenset()
    wanted = allows or BY_STATE.get(state, ())
    return tuple(verb for verb, call in CALLS.items() if verb in wanted and call in able)


def _tell(
    hub: Hub, case_id: int, verb: str, words: str, facts: Mapping[str, str], actor: str, seen_version: int | None
) -> None:
    words, typed = words.strip(), _checked(words, facts)
    with hub.begin() as connection:
        case = _locked(connection, case_id)
        if seen_version is not None and seen_version != case.version:
            raise Stale("the case has changed since you looked", "reload it and look at what changed")
        card = hub.masters.get(connection, hub.clock()).shops[case.shop_id]
        _check_allowed(hub, connection, card, case, verb)
        _make_way(hub, connection, case, actor)
        _write(hub, connection, card, case, verb, words, typed, actor)
    hub.poke("outbound")


def _checked(words: str, facts: Mapping[str, str]) -> dict[str, str]:
    if len(words) > LONGEST:
        raise Invalid("words", "are longer than 500 characters", "say it shorter")
    if len(facts) > MOST_FACTS or any(len(name) > 50 or len(value) > LONGEST for name, value in facts.items()):
        raise Invalid("facts", "are too many or too long", "give only what the platform asks for")
    if "\0" in words or any("\0" in name + value for name, value in facts.items()):
        raise Invalid("words", "hold a character that cannot be stored", "type them anew")
    return {name: value for name, value in facts.items() if name not in OWN}


def _locked(connection: Connection, case_id: int) -> StoredCase:
    rows = fetch(
        connection,
        """select id, shop_id, order_id, external_no, order_no, kind, review, outcome, platform_state, platform_version,
             phase, asked_amount, changed_at, version from cases where id = %s and origin = 'platform' for update""",
        (case_id,),
    )
    if not rows:
        raise NotFound("there is no such case", "look for it in the list of cases")
    return StoredCase(*rows[0])


def _check_allowed(hub: Hub, connection: Connection, card: ShopCard, case: StoredCase, verb: str) -> None:
    vendor = hub.vendors.get(card.vendor)
    if vendor is None or card.account_id is None or CALLS[verb] not in vendor.capabilities():
        raise NotPossible("this platform takes no such decision from us", "decide it on the platform's own page")
    if card.mode != "live":
        raise NotPossible("this shop is only observed", "decide it where the shop is run, or set the shop live")
    if case.outcome != "open" or verb not in verbs_of(vendor, case.state, allowed(connection, case.id)):
        raise NotPossible("the platform does not allow this for the case as it stands now")


def allowed(connection: Connection, case_id: int) -> Sequence[str]:
    """What the platform said last that it lets us do; nothing when it never says."""
    rows = fetch(
        connection,
        """select evidence -> 'allows' from case_step where case_id = %s and evidence ? 'allows'
           order by at desc, id desc limit 1""",
        (case_id,),
    )
    return tuple(rows[0][0] or ()) if rows else ()


def _make_way(hub: Hub, connection: Connection, case: StoredCase, actor: str) -> None:
    """One decision at a time: one that is on its way or has been told stands; a refused one gives way to the new."""
    rows = fetch(
        connection,
        """select id, state, detail ->> 'state', detail ->> 'changed_at' from outbound where key = any(%s)""",
        ([_key(case.id, version) for version in range(max(1, case.version - MOST_VERSIONS), case.version)],),
    )
    for id_, state, decided_in, stamp in rows:
        if state in ("waiting", "sending", "unknown", "stuck"):
            raise NotPossible("a decision about this case is on its way", "wait for its answer, or give it up there")
        if state == "done" and (decided_in, datetime.fromisoformat(stamp)) == (case.state, case.changed_at):
            raise NotPossible("this case is decided already", "wait until the platform tells its new state")
        if state == "refused":
            void_on(connection, [id_], hub.clock(), actor, "decided anew")


def _write(
    hub: Hub, connection: Connection, card: ShopCard, case: StoredCase, verb: str, words: str,
    facts: Mapping[str, str], actor: str,
) -> None:  # fmt: skip
    """The case's new version with its step, the order's event, and the row for the outbox."""
    now = hub.clock()
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update cases set version = version + 1, review = %s where id = %s", (_review(case, verb), case.id)
        )
    leave_step(connection, case.id, "merchant", actor, verb, words, {"facts": dict(facts)}, now)
    batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
    if case.order_id is not None:
        fill(batch, lock_with_siblings(connection, [case.order_id]))
        batch.note(batch.orders[case.order_id], f"case_{verb}", {"case": case.external_no, "reason": words})
    detail = {
        "case_id": case.id, "case_no": case.external_no, "verb": verb, "words": words, "facts": {**facts, **_own(case)},
        "state": case.state, "changed_at": case.changed_at.isoformat(), "before": case.review,
        "version": case.version + 1,
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
