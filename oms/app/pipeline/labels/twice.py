"""Two parcels never bear one number, whether a carrier gives it newly or with a changed label."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from connectors.contract.notices import Label
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import Result

#: Of two answers with one number the later waits for the earlier here.
ONE_BY_ONE: Final = "select pg_advisory_xact_lock(hashtextextended(%s, 0))::text"
#: Another parcel's label that bears this number of the carrier, or still may.
HELD: Final = """
select 1 from e_waybill w join e_waybill mine on mine.id = %s and mine.carrier_id = w.carrier_id and mine.id <> w.id
where w.waybill_no = %s and w.state in ('got', 'used', 'cancelling') limit 1"""
TWICE = "the carrier gave a number that another label bears: ask it which parcel the number is for"


def never_twice(connection: Connection, row_id: int, result: Result) -> Result:
    """A refusal in place of a number that another label bears: two parcels under one number are one to its carrier."""
    number = result.answer.waybill_no if isinstance(result.answer, Label) else ""
    if not number:
        return result
    fetch(connection, ONE_BY_ONE, (f"waybill:{number}",))
    is_held = bool(fetch(connection, HELD, (row_id, number)))
    return Result("refused", TWICE, "label-twice") if is_held else result
