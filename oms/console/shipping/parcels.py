"""运行 · 跟踪异常: parcels that look wrong by what their carrier says, or does not say."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.pipeline.tracking.looks import PAGE, counts, warned
from oms.app.pipeline.tracking.saying import say_ended
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, shops
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("parcels", __name__, url_prefix="/operations/parcels")
KINDS = {
    "no_scan": (_l("没有揽收扫描"), _l("发货 24 小时还没有一条轨迹：问仓库是否真交了快递")),
    "no_news": (_l("轨迹不动"), _l("72 小时没有新轨迹：找快递查件")),
    "long_out": (_l("派送超一天"), _l("派送一天还没签收：联系派件网点或买家")),
    "not_collected": (_l("驿站滞留"), _l("放在驿站或柜子三天没取：提醒买家")),
}


@pages.get("")
@requires("operations.view")
def listing() -> str:
    """Those that look wrong, the one that has been wrong longest first."""
    return _render()


@pages.post("/<int:parcel_id>/end")
@requires("outbound.void")
def end(parcel_id: int) -> Response:
    """Say that a parcel is lost, or was signed for, where nobody tells of it any more."""
    said = request.form.get("state", "")
    try:
        clicked(say_ended)(hub(), parcel_id, said, shops("outbound.void").ids, actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("记为丢失") if said == "lost" else _("记为签收"))
    return back(url_for("parcels.listing"))


def _render(note: Note | None = None) -> str:
    wanted = request.args.get("kind", "")
    kind, ids = wanted if wanted in KINDS else "", shops("operations.view").ids
    found = warned(connection(), ids, kind, after=_place(request.args.get("at", "")), size=PAGE + 1)
    rows = found[:PAGE]
    return render_template(
        "operations/parcels.html",
        rows=rows,
        after=f"{rows[-1]['warned_at'].isoformat()}~{rows[-1]['parcel_id']}" if len(found) > PAGE else "",
        counts=counts(connection(), ids),
        kinds=KINDS,
        kind=kind,
        note=note,
    )


def _place(text: str) -> tuple[datetime, int] | None:
    """Where the page before ended; a broken place starts from the top."""
    written, _tilde, number = text.partition("~")
    try:
        at, id_ = datetime.fromisoformat(written), int(number)
    except ValueError:
        return None
    return (at, id_) if at.tzinfo and 0 <= id_ < 2**63 else None
