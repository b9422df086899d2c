"""Finds lines that a platform shows as shipped by somebody else: the system before us, the seller's own page.

Our own notices make a platform show a line as shipped, too. A line is ours when the waybill shown is that of a parcel
of ours; without any waybill, when we have told of it. The pipeline takes back what is planned or at a warehouse. Lines
of which people have said that they were shipped elsewhere stay so, whatever later documents say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.contract.records import LineRecord, OrderState
from oms.app.capture.mirror import Mirror
from oms.app.intercept.explaining import KIND, our_waybills
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import LineWork, OrderWork
from oms.domain.holds import CLOSED
from oms.domain.waybills import same_form, waybills_in

LEFT: Final = (OrderState.PART_SHIPPED, OrderState.SHIPPED, OrderState.COMPLETED)
#: Lines the platform was told of whole, or may have been: a call whose answer is not known yet counts.
TOLD: Final = """
select order_id, id from order_line where order_id = any(%s) and written_back_at is not null
union select order_id, v.id::bigint from outbound, jsonb_array_elements(detail -> 'lines') v(id)
where order_id = any(%s) and kind = 'push_shipment' and sent_at is not null and state not in ('refused', 'void')
  and not coalesce(detail -> 'more', '[]') @> v.id"""
#: What people have lifted by hand before.
LIFTED: Final = """
select order_id, seen from hold where order_id = any(%s) and kind = 'already_shipped' and cleared_at is not null
and cleared_by <> all(array['system', 'platform']) and clear_reason <> %s"""


@dataclass(slots=True)
class Ours:
    """What we did with an order: waybills in one form, ids of lines the platform was told of, findings lifted.

    `elsewhere`: line → units that people said somebody else has shipped.
    """

    waybills: set[str] = field(default_factory=set)
    told: set[int] = field(default_factory=set)
    lifted: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Foreign:
    """Lines somebody else shipped, those of them of which we have sent units, and the waybills that are not ours.

    `is_untold`: some of the lines are shown without any waybill.
    """

    lines: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    waybills: list[str] = field(default_factory=list)
    is_untold: bool = False


def hold_shipped_elsewhere(batch: Batch, mirrors: Sequence[Mirror]) -> None:
    """Hold orders of which the platform shows lines shipped by somebody else; the lines are named in what was seen.

    The orders are locked: a parcel that is booked at the same moment is seen here, or sees the hold.
    """
    shown = [mirror for mirror in mirrors if mirror.order.origin == "platform" and _candidates(mirror)]
    if not shown:
        return
    ours = _ours(batch, [mirror.order.id for mirror in shown])
    for mirror in shown:
        mine = ours[mirror.order.id]
        _keep_elsewhere(batch, mirror, mine)
        foreign = foreign_lines(mirror.lines, mine)
        if foreign.lines and not _is_lifted(foreign, mine):
            _hold(batch, mirror.order, mirror.item.record.state.value, foreign)


def _candidates(mirror: Mirror) -> bool:
    is_left = mirror.item.record.state in LEFT
    return any((is_left or line.state in LEFT) and ours.is_goods and not ours.is_void for ours, line in mirror.lines)


def _keep_elsewhere(batch: Batch, mirror: Mirror, ours: Ours) -> None:
    """A line or an order that opened again has lost what was cancelled; units shipped elsewhere stay so."""
    for line, _said in mirror.lines:
        units = min(ours.elsewhere.get(line.id, 0), line.ordered - line.planned - line.shipped)
        if line.cancelled < units:
            line.cancelled = units
            batch.touched_lines[line.id] = line


def _ours(batch: Batch, ids: list[int]) -> dict[int, Ours]:
    found = {id_: Ours(waybills) for id_, waybills in our_waybills(batch, ids).items()}
    for order_id, line_id in fetch(batch.connection, TOLD, (ids, ids)):
        found[order_id].told.add(line_id)
    for order_id, seen in fetch(batch.connection, LIFTED, (ids, CLOSED)):
        found[order_id].lifted.append(seen)
        found[order_id].elsewhere |= {int(id_): units for id_, units in seen.get("elsewhere", {}).items()}
    return found


def foreign_lines(lines: Iterable[tuple[LineWork, LineRecord]], ours: Ours) -> Foreign:
    """What of an order somebody else has shipped, by our lines and what the platform says of each."""
    pairs = [(line, waybills_in(said.waybill_no)) for line, said in lines
             if said.state in LEFT and line.is_goods and not line.is_void]  # fmt: skip
    shows_ours = any(same_form(waybill) in ours.waybills for _, waybills in pairs for waybill in waybills)
    foreign = Foreign()
    for line, waybills in pairs:
        strange = [waybill for waybill in waybills if same_form(waybill) not in ours.waybills]
        has_more = line.ordered > line.cancelled + line.shipped
        if line.id in ours.elsewhere and not has_more:
            continue
        if not (_by_waybill(line, strange, ours, has_more) if waybills else _untold(line, ours, shows_ours, has_more)):
            continue
        foreign.lines.append(line.id)
        foreign.waybills += [waybill for waybill in strange if waybill not in foreign.waybills]
        foreign.is_untold |= not waybills
        if line.shipped:
            foreign.left.append(line.id)
    return foreign


def _by_waybill(line: LineWork, strange: list[str], ours: Ours, has_more: bool) -> bool:
    """A line of ours that is complete and told may be given another number on the platform's page later."""
    return bool(strange) and (has_more or line.id not in ours.told)


def _untold(line: LineWork, ours: Ours, shows_ours: bool, has_more: bool) -> bool:
    """A platform that shows none of our waybills though it was told of parcels tells no waybills at all."""
    return has_more and line.id not in ours.told and (shows_ours or not ours.told)


def _is_lifted(foreign: Foreign, ours: Ours) -> bool:
    """Whether people have seen all this before and want it shipped all the same.

    More units of a line that they said was shipped elsewhere are for them to decide once more.
    """
    lines: set[int] = set()
    waybills: set[str] = set()
    for seen in ours.lifted:
        if "lines" not in seen:
            return True
        lines.update(id_ for id_ in seen["lines"] if str(id_) not in seen.get("elsewhere", ()))
        waybills.update(seen.get("waybills", ()))
    return bool(ours.lifted) and lines.issuperset(foreign.lines) and waybills.issuperset(foreign.waybills)


def _hold(batch: Batch, order: OrderWork, state: str, foreign: Foreign) -> None:
    """One hold names all lines found so far; what was found before stays found."""
    held = order.hold(KIND)
    before = held.seen if held is not None else {}
    seen: dict[str, Any] = before | {"platform": state}
    for name, found in (("lines", foreign.lines), ("waybills", foreign.waybills), ("left", foreign.left)):
        together = list(dict.fromkeys([*before.get(name, ()), *found]))
        seen |= {name: together} if together else {}
    if foreign.is_untold:
        seen["untold"] = True
    if held is not None and seen | {"platform": ""} == before | {"platform": ""}:
        return
    batch.clear_hold(order, KIND, "seen anew")
    batch.place_hold(order, KIND, seen)
