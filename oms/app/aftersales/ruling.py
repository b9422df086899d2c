"""售后环节: rules answer cases that wait for us; what they do not answer, or may not, waits for people."""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy import Connection

from oms.app.aftersales.deciding import tell_on
from oms.app.aftersales.said import Said
from oms.app.aftersales.stored import StoredCase, lock_case
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.marks import tag
from oms.app.pipeline.asked import notify
from oms.app.pipeline.outbound.decisions import leave_step
from oms.app.rulebook.book import book_of
from oms.app.rulebook.decide import decide, record
from oms.app.rulebook.facts.case import AskedCase, ask_about
from oms.app.rulebook.guarding import why_people
from oms.app.rulebook.stages import word_of
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError
from rules.engine import Applied, Verdict

LIMIT: Final = 50
STAGE: Final = "aftersales"
WAITING: Final = """review = 'waiting' and outcome = 'open' and ruled_version < version and order_id is not null
and origin in ('platform', 'store')"""
IN_FORCE: Final = """exists (select from rule_set s join rule_set_version v on v.rule_set_id = s.id
where s.stage = 'aftersales' and v.state = 'active')"""
READY: Final = f"{IN_FORCE} and exists (select from cases where {WAITING})"
TOLD: Final = """
select c.kind, c.platform_state, c.phase, c.reason, c.asked_amount,
  (select count(*) from case_line l where l.case_id = c.id),
  (select coalesce(sum(l.units), 0) from case_line l where l.case_id = c.id), c.opened_at, c.respond_by,
  (select count(*) from cases x where x.order_id = c.order_id and x.id <> c.id and x.opened_at <= c.opened_at)
from cases c where c.id = %s"""
VERBS: Final = {"agree_case": "agree", "refuse_case": "refuse"}
LOG = structlog.get_logger("ruling")


def rule_cases(hub: Hub) -> int:
    """Ask the rules about a batch of waiting cases; answers how many. Each is a transaction of its own."""
    with hub.engine.connect() as connection:
        if not book_of(hub).is_in_force(connection, STAGE, hub.clock()):
            return 0
        found = fetch(connection, f"select id, order_id from cases where {WAITING} order by id limit %s", (LIMIT,))
    for case_id, order_id in found:
        try:
            _rule(hub, case_id, order_id)
        except HubError as error:
            LOG.warning("case not ruled", case=case_id, error=type(error).__name__)
            _leave(hub, case_id, "system", str(error)[:300])
    if found:
        hub.poke("outbound")
    return len(found)


def _rule(hub: Hub, case_id: int, order_id: int) -> None:
    """Orders are locked before their cases, as everywhere."""
    with hub.begin() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now)
        fill(batch, lock_with_siblings(connection, [order_id]))
        case = lock_case(connection, case_id)
        if case.review != "waiting" or case.outcome != "open" or not _take(connection, case):
            return
        verdict = _decide(batch, order_id, case)
        flush(batch)
        _answer(hub, connection, case, verdict)


def _take(connection: Connection, case: StoredCase) -> bool:
    """Whether this version of the case has not been asked about yet; from now on it has."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update cases set ruled_version = version where id = %s and ruled_version < version", (case.id,))
        return cursor.rowcount == 1


def _decide(batch: Batch, order_id: int, case: StoredCase) -> Verdict:
    order = batch.orders[order_id]
    ask_about(batch, order, AskedCase(*fetch(batch.connection, TOLD, (case.id,))[0]))
    amounts = dict.fromkeys(VERBS, case.amount)
    shop = batch.masters.shops[order.shop_id]
    version_id, facts, verdict = decide(batch, order, shop, STAGE, amounts)
    if version_id is None:
        return verdict
    word = word_of(verdict)
    record(batch, order, STAGE, word, version_id=version_id, facts=facts, matched=verdict.matched)
    for applied in verdict.actions:
        if applied.action in ("add_tag", "remove_tag"):
            tag(batch, order, str(applied.params["tag"])[:40], is_on=applied.action == "add_tag")
        elif applied.action == "notify":
            notify(batch, order, applied)
    if verdict.unhealthy or verdict.unknown:
        batch.note(order, "rule_unhealthy", why_people(verdict))
    return verdict


def _answer(hub: Hub, connection: Connection, case: StoredCase, verdict: Verdict) -> None:
    """Rules that disagree, or of which one could not be judged, answer nothing: people do."""
    answers = [applied for applied in verdict.actions if applied.action in VERBS]
    if not answers or len({applied.action for applied in answers}) > 1 or verdict.unhealthy or verdict.unknown:
        return
    applied = answers[0]
    try:
        tell_on(hub, connection, case, _said(applied), f"rule:{applied.rule_id}")
    except HubError as error:
        leave_step(connection, case.id, "system", f"rule:{applied.rule_id}", "not_told", str(error), {}, hub.clock())


def _said(applied: Applied) -> Said:
    words = applied.params.get("words", applied.params.get("reason", ""))
    return Said(VERBS[applied.action], str(words)[:500])


def _leave(hub: Hub, case_id: int, actor: str, words: str) -> None:
    """What the rules could not be asked about stays with people, who see why; it is not asked about again."""
    with hub.begin() as connection:
        if _take(connection, lock_case(connection, case_id)):
            leave_step(connection, case_id, "system", actor, "not_told", words, {}, hub.clock())
