"""The rule sets in force, compiled once a process and read again every two seconds; deciding lives in decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import ShopCard
from oms.app.rulebook.vocabulary import VOCABULARY
from rules.codec import read_rule_set
from rules.engine import CompiledRuleSet, compile_rule_set

FRESH = timedelta(seconds=2)
ACTIVE = text("""
select s.scope, s.scope_id, v.id, v.body from rule_set s join rule_set_version v on v.rule_set_id = s.id
where s.stage = :stage and v.state = 'active' and v.canary = 100""")


class RuleBook:
    """The compiled active rule sets of this process, read again when older than two seconds."""

    def __init__(self) -> None:
        self._read_at: dict[str, datetime] = {}
        self._sets: dict[str, dict[tuple[str, int], tuple[int, CompiledRuleSet]]] = {}
        self._compiled: dict[int, CompiledRuleSet] = {}

    def winner(
        self, connection: Connection, stage: str, shop: ShopCard, now: datetime
    ) -> tuple[int, CompiledRuleSet] | None:
        """(version id, rules) of the most exact scope: shop, user group, shop group, channel, global."""
        sets = self._of(connection, stage, now)
        for scope, scope_id in (
            ("shop", shop.id),
            ("user_group", shop.user_group_id or -1),
            ("shop_group", shop.shop_group_id or -1),
            ("channel", shop.channel_id),
            ("global", 0),
        ):
            found = sets.get((scope, scope_id))
            if found:
                return found
        return None

    def _of(
        self, connection: Connection, stage: str, now: datetime
    ) -> dict[tuple[str, int], tuple[int, CompiledRuleSet]]:
        read_at = self._read_at.get(stage)
        if read_at is None or now - read_at > FRESH:
            sets = {}
            for scope, scope_id, version_id, body in connection.execute(ACTIVE, {"stage": stage}):
                if version_id not in self._compiled:
                    self._compiled[version_id] = compile_rule_set(read_rule_set(body, VOCABULARY), VOCABULARY)
                sets[scope, scope_id] = (version_id, self._compiled[version_id])
            self._sets[stage], self._read_at[stage] = sets, now
        return self._sets[stage]


#: One book a database: ids of versions mean nothing in another one.
_BOOKS: WeakKeyDictionary[Engine, RuleBook] = WeakKeyDictionary()


def book_of(hub: Hub) -> RuleBook:
    """The rule book of a hub's database."""
    return _BOOKS.setdefault(hub.engine, RuleBook())
