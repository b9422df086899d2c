"""Every pump of the hub: what it drains, how the sweep sees that it has work, and what the clock does besides."""

from __future__ import annotations

from typing import Final

from oms.app.aftersales.ruling import READY, rule_cases
from oms.app.capture.backfill import backfill_next
from oms.app.capture.completeness import check_next
from oms.app.capture.entered.kept import RUNNING
from oms.app.capture.entered.uploads import import_next
from oms.app.capture.references import fetch_details
from oms.app.capture.sync import sync_next
from oms.app.capture.webhooks.announcing import announce_next
from oms.app.capture.webhooks.delivering import deliver_batch
from oms.app.intercept.emergency import release_due
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.inbox import work_batch
from oms.app.pipeline.labels.reach import ask_reach
from oms.app.pipeline.labels.sweep import READY as BALANCES_DUE
from oms.app.pipeline.labels.sweep import look_at_balance
from oms.app.pipeline.lateness.deadlines import move_next
from oms.app.pipeline.lateness.escalating import escalate_due
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.placing import asking as order_placing
from oms.app.pipeline.replanning.pump import READY as REPLANS_DUE
from oms.app.pipeline.replanning.pump import replan_next
from oms.app.pipeline.stores import placing
from oms.app.pipeline.tracking.looking import READY as PARCELS_DUE
from oms.app.pipeline.tracking.looking import look_batch
from oms.app.pipeline.variants.running import READY as TRIALS_WAIT
from oms.app.pipeline.variants.running import trial_next
from oms.app.rulebook import waking
from oms.app.rulebook.trying.running import backtest_next
from oms.app.rulebook.waking import wake_held
from oms.app.stock import arriving
from oms.app.stock import waking as stock_waking
from oms.app.stock.arriving import ask_next
from oms.app.stock.planning.renewing import renew_next
from oms.app.stock.pushing import push_next
from oms.jobs.pump import Pump
from oms.jobs.upkeep import CLOCK_TASKS


def _open_rows(table: str) -> str:
    """Whether a row of a table of open work is due for a shop whose account may be called."""
    return f"""exists (select from {table} r join shop s on s.id = r.shop_id
        join account a on a.id = s.account_id and a.state = 'active'
        where r.state in ('waiting', 'running') and r.due_at <= now())"""


PUMPS: Final = (
    Pump(
        "sync",
        sync_next,
        """exists (select from sync_schedule s
           join shop p on p.id = s.shop_id and p.mode <> 'closed'
           join account a on a.id = p.account_id and a.state = 'active'
           left join stream_cursor c on c.shop_id = s.shop_id and c.stream = s.stream
           where s.is_enabled and (c.last_started_at is null
               or c.last_started_at + make_interval(secs => s.every_s) <= now())
             and (c.paused_until is null or c.paused_until <= now()))""",
        lanes=2,
    ),
    Pump(
        "details",
        fetch_details,
        """exists (select from shop s join account a on a.id = s.account_id and a.state = 'active'
           where exists (select from pending_reference r where r.shop_id = s.id and r.due_at <= now()
             and (r.claimed_until is null or r.claimed_until < now())))""",
    ),
    Pump("advance", advance_batch, "exists (select from orders where ready_at <= now())"),
    Pump("merge", merge_batch, "exists (select from merge_group where due_at <= now())"),
    Pump(
        "outbound",
        send_batch,
        # Order and limit make this a look at one entry of the index an account, however much waits for paused ones.
        """exists (select from account a cross join lateral (select from outbound o
             where o.account_id = a.id and o.due_at <= now() order by o.due_at limit 1) due where a.state = 'active')""",
    ),
    Pump("messages", work_batch, "exists (select from push_message where state = 'new' and due_at <= now())", lanes=2),
    Pump("backfill", backfill_next, _open_rows("backfill")),
    Pump("completeness", check_next, _open_rows("completeness_check")),
    Pump("imports", import_next, f"exists (select from import_batch where {RUNNING})"),
    Pump(
        "push_stock",
        push_next,
        """exists (select from stock_push b join shop s on s.id = b.shop_id and s.mode = 'live'
           join account a on a.id = s.account_id and a.state = 'active' where b.is_on and b.due_at <= now())""",
    ),
    Pump("ask_stock", ask_next, arriving.READY),
    Pump("plans", renew_next, "exists (select from sourcing_plan where is_on and due_at <= now())"),
    Pump("rule_changes", wake_held, waking.READY),
    Pump("wake_short", stock_waking.wake_short, stock_waking.READY),
    Pump("replanning", replan_next, REPLANS_DUE),
    Pump("variants", trial_next, TRIALS_WAIT),
    Pump("case_rules", rule_cases, READY),
    Pump("escalations", escalate_due, "exists (select from escalation where done_at is null and due_at <= now())"),
    Pump("deadlines", move_next, "exists (select from deadline_pause where reached is not null)"),
    Pump(
        "backtests",
        backtest_next,
        """exists (select from backtest where state = 'waiting'
           or state = 'running' and (claimed_until is null or claimed_until <= now()))""",
    ),
    Pump("order_places", order_placing.locate_batch, order_placing.READY),
    Pump("stores", placing.place_batch, placing.READY),
    Pump("parcels", look_batch, PARCELS_DUE),
    Pump("balances", look_at_balance, BALANCES_DUE),
    Pump("reach", ask_reach, "exists (select from carrier_reach where state = 'wanted' and due_at <= now())"),
    # What changed is seen only by reading the change feed, so this one looks by itself.
    Pump("announce", announce_next, None, every_s=2.0),
    Pump(
        "webhooks",
        deliver_batch,
        """exists (select from webhook_message m join webhook w on w.id = m.webhook_id and w.state = 'active'
           where m.state = 'waiting' and m.due_at <= now())""",
    ),
    Pump(
        "stops",
        release_due,
        "exists (select from emergency_stop where ended_at is null and releasing_at is not null)",
    ),
)
__all__ = ["CLOCK_TASKS", "PUMPS"]
