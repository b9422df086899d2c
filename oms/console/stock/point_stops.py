"""库存点 · 截停: how long a point may take to answer a stop, and whether couriers are asked when it came too late."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.packing_settings import change_answers
from oms.app.kernel.queries.stock_papers import find_point
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.forms import whole
from oms.console.messages import _
from oms.console.notes import back, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.points import form_page
from oms.domain.errors import HubError

pages = Blueprint("point_stops", __name__, url_prefix="/stock/points")
EDIT = "stock.edit"


@pages.post("/<int:point_id>/stops")
@requires(EDIT)
def save(point_id: int) -> Response:
    """Keep what the form says; what else is set for the point stays."""
    if not everywhere(EDIT):
        abort(403)
    if find_point(connection(), point_id) is None:
        abort(404)
    try:
        minutes = whole("answer_minutes", high=1440)
        clicked(change_answers)(hub(), point_id, minutes, actor(), calls_back="calls_back" in request.form)
    except HubError as error:
        return make_response(form_page(point_id, note_of(error)), status_of(error))
    say(_("截停设置已保存"))
    return back(url_for("stock_points.point", point_id=point_id))
