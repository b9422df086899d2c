"""方案 and 试算: variants under a name, trials of them over open or past orders, how far one is and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.variants.changes import Changes, check_known, read_changes
from oms.app.pipeline.variants.ground import MOST_ORDERS, Question
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.trying.personal import check_personal
from oms.app.rulebook.trying.questions import ALL, check_question, count_orders
from oms.domain.errors import HubError, Invalid, NotFound
from oms.domain.money import FREIGHT_CURRENCY

#: Variants that one trial compares, trials and changes of a page.
MOST_SIDES: Final = 4
SIZE: Final = 50
NAME: Final = 80
_ADD = text("""
insert into routing_variant (name, changes, created_by, created_at, changed_at)
values (:name, cast(:changes as jsonb), :actor, :now, :now) returning id""")
_CHANGE = text("""
update routing_variant set name = :name, changes = cast(:changes as jsonb), changed_at = :now where id = :id""")
_VARIANTS = text("select * from routing_variant where :id = 0 or id = :id order by name")
_ASK = text("""
insert into variant_trial (variants, question, created_by, created_at)
values (cast(:variants as jsonb), cast(:question as jsonb), :actor, :now) returning id""")
_STOP = text("""
update variant_trial set state = 'stopped', ended_at = :now, claimed_until = null
where id = :id and state in ('waiting', 'running')""")
#: A person sees a trial who may see every shop whose orders it looked at.
_TRIALS = text("""
select * from variant_trial t where (:id = 0 or t.id = :id) and (:after = 0 or t.id < :after)
  and not exists (select from jsonb_array_elements_text(t.question -> 'shops') s where s::bigint <> all(:shops))
order by t.id desc limit :size""")
_CHANGES = text("""
select c.trial_id, c.side, c.order_id, c.before, c.after, c.amount, c.parcels, :currency as currency, o.external_no,
  o.shop_id
from variant_trial_change c join orders o on o.id = c.order_id
where c.trial_id = :id and (:side = 0 or c.side = :side) and (c.side, c.order_id) > (:after_side, :after)
order by c.side, c.order_id limit :size""")


def add_variant(hub: Hub, name: str, document: Any, actor: str) -> int:
    """Keep a variant under a name; answers its id."""
    values = _checked(hub, name, document) | {"actor": actor, "now": hub.clock()}
    try:
        with hub.begin() as connection:
            return int(connection.execute(_ADD, values).scalar_one())
    except IntegrityError:
        raise _taken() from None


def change_variant(hub: Hub, variant_id: int, name: str, document: Any) -> None:
    """Change a variant; trials that were asked for keep what it said then."""
    values = _checked(hub, name, document) | {"id": variant_id, "now": hub.clock()}
    try:
        with hub.begin() as connection:
            if not connection.execute(_CHANGE, values).rowcount:
                raise NotFound("there is no such variant")
    except IntegrityError:
        raise _taken() from None


def drop_variant(hub: Hub, variant_id: int) -> None:
    """Forget a variant; trials of it stay."""
    with hub.begin() as connection:
        if not connection.execute(text("delete from routing_variant where id = :id"), {"id": variant_id}).rowcount:
            raise NotFound("there is no such variant")


def list_variants(connection: Connection) -> list[AnyRow]:
    """All variants by name."""
    return list(connection.execute(_VARIANTS, {"id": 0}))


def find_variant(connection: Connection, variant_id: int) -> AnyRow:
    """One variant; NotFound otherwise."""
    row = connection.execute(_VARIANTS, {"id": variant_id}).one_or_none() if variant_id else None
    if row is None:
        raise NotFound("there is no such variant")
    return row


def ask_trial(
    hub: Hub, variant_ids: Sequence[int], shop_ids: Sequence[int], actor: str, *,
    since: datetime | None = None, until: datetime | None = None, sees_plain: bool = False,
) -> int:  # fmt: skip
    """Have variants tried over the open orders of these shops, or over those of a period; answers the trial's id.

    Forbidden when rules of one ask for what is personal and the person may not see that in all of these shops.
    """
    chosen = list(dict.fromkeys(variant_ids))
    if not 1 <= len(chosen) <= MOST_SIDES:
        raise Invalid("variants", "so many variants cannot stand side by side", f"choose 1 to {MOST_SIDES}")
    if not shop_ids:
        raise Invalid("shops", "there are no shops whose orders could be looked at", "choose a shop")
    if (since is None) is not (until is None):
        raise Invalid("until", "a period has a beginning and an end", "give both, or neither for open orders")
    with hub.begin() as connection:
        if since is not None and until is not None:
            until = min(until, hub.clock())
            _check_period(connection, shop_ids, since, until)
        rows = [find_variant(connection, id_) for id_ in chosen]
        for row in rows:
            for stage, version_id in read_changes(row.changes).versions.items():
                check_personal(stage, find_version(connection, version_id).body, sees_plain=sees_plain)
        variants = [{"id": row.id, "name": row.name, "changes": row.changes} for row in rows]
        asked = Question(tuple(sorted(shop_ids)), since, until)
        values = {"variants": orjson.dumps(variants).decode(), "question": orjson.dumps(asked.written()).decode()}
        trial_id = int(connection.execute(_ASK, values | {"actor": actor, "now": hub.clock()}).scalar_one())
    hub.poke("variants")
    return trial_id


def stop_trial(hub: Hub, trial_id: int) -> None:
    """Stop a trial. NotFound when it is over already."""
    with hub.begin() as connection:
        if not connection.execute(_STOP, {"id": trial_id, "now": hub.clock()}).rowcount:
            raise NotFound("this trial is over", "read what it found")


def list_trials(connection: Connection, shop_ids: Sequence[int], *, after: int = 0) -> list[AnyRow]:
    """Fifty trials older than the id `after`, newest first."""
    return list(connection.execute(_TRIALS, {"id": 0, "after": after, "shops": list(shop_ids), "size": SIZE}))


def find_trial(connection: Connection, trial_id: int, shop_ids: Sequence[int]) -> AnyRow:
    """One trial; NotFound when it looked at a shop that is not among these."""
    values = {"id": trial_id, "after": 0, "shops": list(shop_ids), "size": 1}
    row = connection.execute(_TRIALS, values).one_or_none() if trial_id else None
    if row is None:
        raise NotFound("there is no such trial")
    return row


def list_changes(
    connection: Connection, trial_id: int, *, side: int = 0, after: tuple[int, int] = (0, 0), size: int = SIZE
) -> list[AnyRow]:
    """Orders that a variant changes, by variant and id, behind the (variant, order) `after`."""
    values = {"id": trial_id, "side": side, "after_side": after[0], "after": after[1], "size": size}
    yuan = {"currency": FREIGHT_CURRENCY}  # Trials of before kept that of the order.
    return list(connection.execute(_CHANGES, values | yuan))


def _checked(hub: Hub, name: str, document: Any) -> dict[str, Any]:
    """The values of a variant's row, once everything it names is there."""
    name = name.strip()
    if not 1 <= len(name) <= NAME:
        raise Invalid("name", "a variant needs a name of at most 80 letters", "say what it changes")
    changes = read_changes(document)
    with hub.engine.connect() as connection:
        check_known(changes, hub.masters.get(connection, hub.clock()))
        _check_versions(connection, changes)
    return {"name": name, "changes": orjson.dumps(changes.written()).decode()}


def _check_versions(connection: Connection, changes: Changes) -> None:
    for stage, version_id in changes.versions.items():
        try:
            body = find_version(connection, version_id).body
        except HubError:
            body = {}
        if body.get("stage") != stage:
            raise Invalid(f"changes.{stage}_version", "there is no such version of this stage", "choose one of its rules")


def _check_period(connection: Connection, shop_ids: Sequence[int], since: datetime, until: datetime) -> None:
    check_question(since, until, ALL)
    if count_orders(connection, list(shop_ids), since, until, ALL) > MOST_ORDERS:
        raise Invalid("since", f"these are more than {MOST_ORDERS} orders", "choose a shorter period or fewer shops")


def _taken() -> Invalid:
    return Invalid("name", "another variant has this name", "choose another name")
