"""打包 · 仓库设置: what a warehouse's staff may swap, what its slips show, who works there."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.packing_settings import Setting, change_setting, people_at, put_people
from oms.app.kernel.queries.packing import setting_of
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.packing.swaps import ORIGINS
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub
from oms.console.forms import money, read_whole, whole
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.packing.places import EDIT, places
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("packing_settings", __name__, url_prefix="/packing/points")
NAMES = {"gift": _l("赠品"), "bundle": _l("组合装的部件")}


@pages.get("/<int:point_id>")
@requires(EDIT)
def show(point_id: int) -> str:
    """The settings of a point."""
    return _render(point_id)


@pages.post("/<int:point_id>")
@requires(EDIT)
def change(point_id: int) -> Response:
    """Change them."""
    _own(point_id)
    try:
        setting = Setting(
            point_id, tuple(one for one in ORIGINS if one in request.form.getlist("swap_origins")),
            money("swap_most_amount", "CNY"), "swap_same_category" in request.form, "slip_prices" in request.form,
            "must_check" in request.form, "calls_back" in request.form, whole("answer_minutes", high=1440),
        )  # fmt: skip
        clicked(change_setting)(hub(), setting, actor())
    except HubError as error:
        return make_response(_render(point_id, note_of(error)), status_of(error))
    say(_("仓库设置已保存"))
    return redirect(url_for("packing_settings.show", point_id=point_id), 303)


@pages.post("/<int:point_id>/people")
@requires(EDIT)
def people(point_id: int) -> Response:
    """Who works here, and which keys."""
    _own(point_id)
    named = [one for one in request.form.getlist("who") if read_whole(one.partition(":")[2]) is not None]
    clicked(put_people)(hub(), point_id, named, actor())
    say(_("谁在这里干活已保存"))
    return redirect(url_for("packing_settings.show", point_id=point_id), 303)


def _own(point_id: int) -> AnyRow:
    found = next((row for row in places(EDIT) if row.id == point_id), None)
    if found is None:
        abort(404)
    return found


def _render(point_id: int, note: Note | None = None) -> str:
    point = _own(point_id)
    return render_template(
        "packing/settings.html", point=point, setting=setting_of(connection(), point_id), origins=NAMES,
        people=people_at(connection(), point_id), note=note,
    )  # fmt: skip
