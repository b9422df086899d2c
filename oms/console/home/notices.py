"""通知: what rules and deadlines want a team to know of, unread first, read with one click."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries import notices
from oms.app.kernel.queries.pages import AnyRow
from oms.console.context import actor, close_connection, connection, hub, person, shops
from oms.console.forms import ids
from oms.console.messages import _, _l
from oms.console.security import current_person, requires
from oms.console.stores.words import EVENTS

pages = Blueprint("notices", __name__, url_prefix="/notices")

VIEW: Final = "order.view"
#: Why somebody is told, by the notice's kind. One that is not here shows its code.
KINDS: Final = {"rule": _l("规则提醒"), "escalation": _l("快到期还没发"), "deadline": _l("时效预警"),
               "swap": _l("仓库换了货"), "label": _l("面单重打"), "replenish": _l("补货建议"),
               **{f"store_{event}": words for event, words in EVENTS.items()}}  # fmt: skip


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """The person's notices."""
    with_read = request.args.get("read") == "1"
    rows = notices.list_notices(connection(), person().id, shops().ids, with_read=with_read)
    return render_template("notices.html", rows=rows, kinds=KINDS, with_read=with_read, words_of=words_of)


def words_of(row: AnyRow) -> str:
    """What a notice says; of kinds that only count, the count in words."""
    if row.kind == "deadline":
        return _("%(n)s 单在 %(minutes)s 分钟内到期还没发", n=row.detail["orders"], minutes=row.detail["minutes"])
    if row.kind == "label":
        return _("发货单 %(no)s 的收件人改了，面单要重打", no=row.words)
    if row.kind == "replenish":
        return _(
            "%(sku)s 够卖 %(days)s 天，建议补 %(n)s 件", sku=row.words, days=row.detail["days"], n=row.detail["units"]
        )
    return str(row.words)


@pages.post("/read")
@requires(VIEW)
def read() -> Response:
    """Take notices as read: those that are named, or all."""
    named = None if request.form.get("all") else ids("id")
    mine, who, by = shops().ids, person().id, actor()
    close_connection()
    with hub().begin() as writing:
        notices.mark_read(writing, who, mine, named, by, hub().clock())
    return redirect(url_for("notices.listing"))


def unread() -> int:
    """How many notices of the person at the console nobody has read."""
    if current_person() is None or not person().allows(VIEW):
        return 0
    if "unread_notices" not in g:
        g.unread_notices = notices.count_unread(connection(), person().id, shops().ids)
    return int(g.unread_notices)
