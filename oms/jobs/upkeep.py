"""Housekeeping the clock runs besides schedules: what has expired goes, the ledger is compared with the levels."""

from __future__ import annotations

from typing import Final

from oms.app.aftersales.at_store.following import follow_platform
from oms.app.capture.completeness import ask_nightly
from oms.app.capture.listings import wake_matched
from oms.app.capture.shown import note_shown
from oms.app.finance.partner_ledger import book_all
from oms.app.finance.remittances import settle_returned
from oms.app.intercept.emergency import free_ended
from oms.app.intercept.expiring import expire_due, look_again
from oms.app.kernel.authorisation import refresh_due
from oms.app.kernel.hub import Hub
from oms.app.kernel.phases_anew import derive_held
from oms.app.kernel.push_subscriptions import ensure_due
from oms.app.kernel.shop_modes import free_observed
from oms.app.pipeline.labels.sweep import settle_numbers
from oms.app.pipeline.lateness.warnings import warn_late
from oms.app.pipeline.routing.tariff_gaps import tell_unpriced
from oms.app.pipeline.stores.late_tasks import mark_late_tasks
from oms.app.pipeline.stores.overdue import mark_overdue
from oms.app.stock.proving import prove_nightly
from oms.app.stock.reopening import reopen_points
from oms.app.stock.replenishing_itself import order_by_itself
from oms.app.stock.reserving_upkeep import let_expire
from oms.db.bulk import psycopg_connection


def forget_seen_keys(hub: Hub) -> int:
    """Delete keys of messages that no sender repeats any more."""
    return _run(hub, "delete from seen_key where expires_at < now()")


def forget_webhook_messages(hub: Hub) -> int:
    """Delete messages that arrived or were given up long ago; those that tell of a parcel again have its number."""
    return _run(hub, "delete from webhook_message where state <> 'waiting' and created_at < now() - interval '90 days'")


def forget_rule_uses(hub: Hub) -> int:
    """Delete uses of limited rules that no limit counts any more: limits look back an hour."""
    return _run(hub, "delete from rule_use where at < now() - interval '2 days'")


def forget_notices(hub: Hub) -> int:
    """Delete what was told long ago, and escalations that are done."""
    told = _run(hub, "delete from notice where at < now() - interval '90 days'")
    return told + _run(hub, "delete from escalation where done_at < now() - interval '90 days'")


def forget_backtests(hub: Hub) -> int:
    """Delete backtests that ended long ago, with the orders they list."""
    return _run(hub, "delete from backtest where ended_at < now() - interval '90 days'")


def forget_replans(hub: Hub) -> int:
    """Delete what is known of plans made anew long ago; the orders' timelines keep it."""
    return _run(hub, "delete from replan where at < now() - interval '180 days'")


def forget_trials(hub: Hub) -> int:
    """Delete trials of variants that ended long ago, with the orders they list."""
    return _run(hub, "delete from variant_trial where ended_at < now() - interval '90 days'")


def _run(hub: Hub, statement: str) -> int:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(statement.encode())
        return cursor.rowcount


CLOCK_TASKS: Final = (
    ("wake_matched", 30, wake_matched),
    ("forget_seen_keys", 3600, forget_seen_keys),
    ("forget_webhook_messages", 3600, forget_webhook_messages),
    ("forget_rule_uses", 3600, forget_rule_uses),
    ("forget_notices", 3600, forget_notices),
    ("forget_backtests", 3600, forget_backtests),
    ("forget_replans", 3600, forget_replans),
    ("forget_trials", 3600, forget_trials),
    ("expire_reservations", 60, let_expire),
    ("replenish", 3600, order_by_itself),
    ("expire_interceptions", 60, expire_due),
    ("look_up_stops", 300, look_again),
    ("free_ended", 60, free_ended),
    ("free_observed", 60, free_observed),
    ("note_shown", 60, note_shown),
    ("refresh_tokens", 60, refresh_due),
    ("ensure_pushes", 60, ensure_due),
    ("settle_numbers", 30, settle_numbers),
    ("mark_overdue", 60, mark_overdue),
    ("mark_late_tasks", 60, mark_late_tasks),
    ("follow_platform_returns", 300, follow_platform),
    ("settle_returned", 600, settle_returned),
    ("nightly_checks", 3600, ask_nightly),
    ("prove_stock", 3600, prove_nightly),
    ("reopen_points", 30, reopen_points),
    ("warn_late", 60, warn_late),
    ("tell_unpriced", 60, tell_unpriced),
    ("book_partners", 600, book_all),
    ("derive_held", 60, derive_held),
)
