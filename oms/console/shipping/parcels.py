"""运行 · 跟踪异常: parcels that look wrong by what their carrier says, or does not say."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from oms.app.pipeline.tracking.looks import counts, warned
from oms.console.context import connection, shops
from oms.console.messages import _l
from oms.console.security import requires

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
    wanted = request.args.get("kind", "")
    kind, ids = wanted if wanted in KINDS else "", shops("operations.view").ids
    return render_template(
        "operations/parcels.html",
        rows=warned(connection(), ids, kind),
        counts=counts(connection(), ids),
        kinds=KINDS,
        kind=kind,
    )
