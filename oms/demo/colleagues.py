"""Stand-ins for the people of a run without any: they pass reviews, lift holds and sign accounts in again.

They use the same use cases as the console's buttons.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from oms.app.capture import reading_again
from oms.app.kernel.account_forms import AccountForm, save_account
from oms.app.kernel.holds import lift
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.refusals import NOBODY_SHIPS
from oms.app.pipeline.reviewing.guard import May, anything
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.demo.twins import Twins
from oms.domain.errors import HubError
from oms.domain.review import tiers_in

WAITING = """
select id, tiers_waiting from orders where review = 'waiting' and status = 'open'
  and not external_no = any(%s) and captured_at <= %s order by id limit 200"""
LIFTED = """
select h.id from hold h join orders o on o.id = h.order_id where h.cleared_at is null
  and (h.kind = any(%s) or h.kind = %s and h.seen ? 'refused_by') and not o.external_no = any(%s)"""
PARKED = "select id from parked_record where state = 'parked' and kind = 'order' and external_no = any(%s)"
PAUSED = "select id, vendor, settings, gateway, relay from account where state = 'paused'"
#: Holds that a person lifts after a word with the buyer.
BY_WORD = ("large_goods",)


def find_lacking_goods(twins: Twins) -> int:
    """In the warehouse: find what a picker found nothing of, so that the order goes on; answers how many."""
    stuck = [order["code"] for order in twins.qimen.ledger()["orders"] if order["status"] == "EXCEPTION"]
    for code in stuck:
        twins.qimen.post(f"orders/{code}/advance")
    return len(stuck)


@dataclass(frozen=True, slots=True)
class Colleagues:
    """`actor` names the person in events; an order waits at least `patience` in review, as it would on a desk.

    `may` says what the person may do: whoever may not pass any amount leaves what is over the limit to others.
    """

    hub: Hub
    actor: str
    patience: timedelta = timedelta(0)
    may: May = anything

    def review(self, keep: Collection[str] = ()) -> int:
        """Pass every waiting order but those to keep; answers how many."""
        before = self.hub.clock() - self.patience
        with self.hub.engine.connect() as connection:
            rows = fetch(connection, WAITING, (list(keep), before))
        by_tier: dict[int, list[int]] = {}
        for order_id, bits in rows:
            by_tier.setdefault(tiers_in(bits)[0].bit, []).append(order_id)
        for tier, order_ids in by_tier.items():
            pass_orders(self.hub, order_ids, tier, self.actor, "demo", may=self.may)
        return len(rows)

    def lift_holds(self, keep: Collection[str] = ()) -> int:
        """Lift what a word with the buyer settles, or with the warehouse that refused an order; answers how many."""
        with self.hub.engine.connect() as connection:
            holds = [row[0] for row in fetch(connection, LIFTED, (list(BY_WORD), NOBODY_SHIPS, list(keep)))]
        for hold_id in holds:
            try:
                lift(self.hub, hold_id, self.actor, "demo")
            except HubError:
                continue  # It has cleared by itself meanwhile.
        return len(holds)

    def sign_in_again(self) -> int:
        """Save each paused account as active, as after a new authorisation; answers how many."""
        with self.hub.begin() as connection:
            rows = fetch(connection, PAUSED)
            for row in rows:
                self._activate(connection, *row)
        return len(rows)

    def _activate(
        self, connection: Connection, account_id: int, vendor: str, settings: dict[str, str], gateway: str, relay: str
    ) -> None:
        form = AccountForm(settings=settings, gateway=gateway, relay=relay)
        save_account(self.hub, connection, account_id, self.hub.vendors[vendor].manifest, form)

    def retry_parked(self, numbers: Collection[str]) -> int:
        """Try the parked orders of these numbers again; answers how many there were."""
        with self.hub.engine.connect() as connection:
            ids = [row[0] for row in fetch(connection, PARKED, (list(numbers),))]
        reading_again.retry(self.hub, ids, self.actor)
        return len(ids)
