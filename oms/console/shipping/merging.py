"""订单 · 合单: groups that wait for their window, when each ends, who is in it; letting one leave at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import joining
from oms.app.kernel.queries.names import carrier_names, stock_point_names
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.merging.by_hand import PERMISSION, leave_now
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person, shops
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, NotFound

pages = Blueprint("merging", __name__, url_prefix="/shipping/merging")
SIZE = 50
MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is shown: its row, its first orders, and how many more there are."""

    row: AnyRow
    orders: list[AnyRow]
    more: int

    @property
    def key(self) -> str:
        """As it is written in a form."""
        return bytes(self.row.merge_key).hex()


@pages.get("")
@requires("order.view")
def listing() -> str:
    """Groups that wait, the first to end first."""
    return _render()


@pages.post("/now")
@requires("fulfilment.merge")
def now() -> Response:
    """Let a group leave without waiting any longer."""
    try:
        key = _key(request.form.get("group", ""))
        count = clicked(leave_now)(hub(), key, actor(), person().allows)
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("%(n)s 单不再等，马上下发", n=count))
    return back(url_for("merging.listing"))


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound("this group has left already", "reload the list") from None


def _render(note: Note | None = None) -> str:
    several = request.args.get("all", "") == ""
    at, key = _place(request.args.get("at", ""))
    rows = joining.merge_groups(
        connection(), shops("order.view").ids, at=at, key=key, size=SIZE + 1, several=several
    )  # fmt: skip
    shown = rows[:SIZE]
    after = f"{shown[-1].due_at.isoformat()}~{bytes(shown[-1].merge_key).hex()}" if len(rows) > SIZE else ""
    names: dict[str, Any] = {"points": stock_point_names(connection()), "carriers": carrier_names(connection())}
    return render_template(
        "joining/groups.html", note=note, groups=_groups(shown), after=after, several=several,
        may_merge=person().allows(PERMISSION), **names,
    )  # fmt: skip


def _groups(rows: list[AnyRow]) -> list[Group]:
    ids = [id_ for row in rows for id_ in row.order_ids[:MOST_SHOWN]]
    orders = joining.orders_by_id(connection(), ids)
    return [
        Group(row, [orders[id_] for id_ in row.order_ids[:MOST_SHOWN] if id_ in orders],
              max(0, len(row.order_ids) - MOST_SHOWN))
        for row in rows
    ]  # fmt: skip


def _place(text: str) -> tuple[datetime | None, bytes]:
    """Where the page before ended; a broken place starts from the top."""
    written, _tilde, key = text.partition("~")
    try:
        at = datetime.fromisoformat(written)
        return (at, bytes.fromhex(key)) if at.tzinfo else (None, b"")
    except ValueError:
        return None, b""
