"""Tells people of carriers that have no price from a stock point, which come behind all others there."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub

UNPRICED: Final = "unpriced"
WORDS = "no freight tariff from there: carriers with a price go before it. Write one, 0 is a price"

#: Couriers and points that pack for them, without a tariff between them; none where nobody has a price to come behind.
_GAPS: Final = text("""
select c.code || ' · ' || p.code from carrier c cross join stock_point p
where c.kind = 'courier' and not c.is_suspended and p.state <> 'closed'
  and (p.kind <> 'store' or p.account_id is not null)
  and exists (select from pool_member m where m.stock_point_id = p.id)
  and exists (select from carrier_tariff t join carrier o on o.id = t.carrier_id where not o.is_suspended)
  and not exists (select from carrier_tariff t where t.carrier_id = c.id and t.stock_point_id in (0, p.id))
  and (not exists (select from carrier_coverage v
      where v.carrier_id = c.id and v.division_prefix = '' and not v.is_deliverable)
    or exists (select from carrier_coverage v where v.carrier_id = c.id and v.is_deliverable))
order by c.rank, c.id, p.id""")
_OPEN: Final = text("select subject from alert where kind = :kind and state = 'open'")
_CLOSE: Final = text("""
update alert set state = 'closed' where kind = :kind and state = 'open' and subject <> all(:gaps)""")


def tell_unpriced(hub: Hub) -> int:
    """Raise an alert once for each carrier and point, and end those that have a tariff by now; answers how many new."""
    with hub.begin() as connection:
        gaps = list(connection.execute(_GAPS).scalars())
        known = set(connection.execute(_OPEN, {"kind": UNPRICED}).scalars())
        fresh = [pair for pair in gaps if pair not in known]
        for pair in fresh:
            raise_alert(connection, UNPRICED, pair, WORDS)
        if known.difference(gaps):
            connection.execute(_CLOSE, {"kind": UNPRICED, "gaps": gaps})
    return len(fresh)
