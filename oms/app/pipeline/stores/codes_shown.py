"""Pick-up codes for customer service, and whether a buyer is told of one at all."""

from __future__ import annotations

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.stores.codes import told_code


def waiting_codes(hub: Hub, connection: Connection, order_id: int) -> list[tuple[str, str]]:
    """(waybill, code) of an order's goods that wait at a store for their buyer; who asks says why, as for receivers."""
    rows = fetch(
        connection,
        """select p.id, p.waybill_no, s.code_no, s.code_hash from store_parcel s join parcel p on p.id = s.parcel_id
           where s.order_id = %s and p.state = 'ready' and s.code_hash is not null and s.ended_at is null
           order by p.id""",
        (order_id,),
    )
    codes = [(waybill, told_code(hub.keys, id_, code_no, code_hash)) for id_, waybill, code_no, code_hash in rows]
    return [(waybill, code) for waybill, code in codes if code]


def is_buyer_told(connection: Connection, parcel_id: int) -> bool:
    """Whether a template tells the buyer that the goods are ready, with the code."""
    rows = fetch(
        connection,
        """select n.is_on from store_parcel s join lateral (
             select distinct on (b.account_id) b.is_on from buyer_notice b
             where b.event = 'ready' and b.audience = 'buyer' and b.shop_id in (0, s.shop_id)
             order by b.account_id, b.shop_id desc) n on true where s.parcel_id = %s""",
        (parcel_id,),
    )
    return any(is_on for (is_on,) in rows)
