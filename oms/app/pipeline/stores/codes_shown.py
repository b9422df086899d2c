"""Pick-up codes for customer service, and whether a buyer is told of one at all."""

from __future__ import annotations

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.stores.codes import told_code
from oms.app.pipeline.stores.notices import buyer_address, writes_mail


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


def is_buyer_told(hub: Hub, connection: Connection, parcel_id: int) -> bool:
    """Whether a template tells the buyer that the goods are ready, with the code, and knows where to write to."""
    rows = fetch(
        connection,
        """select n.vendor, s.order_id from store_parcel s join lateral (
             select distinct on (b.account_id) b.is_on, a.vendor from buyer_notice b join account a on a.id = b.account_id
             where b.event = 'ready' and b.audience = 'buyer' and b.shop_id in (0, s.shop_id)
             order by b.account_id, b.shop_id desc) n on n.is_on where s.parcel_id = %s""",
        (parcel_id,),
    )
    ways = {(order_id, writes_mail(hub, vendor)) for vendor, order_id in rows}
    return any(buyer_address(hub, connection, order_id, by_mail=by_mail) for order_id, by_mail in ways)
