"""设置 · 重排: which pools' plans are looked at again before they are sent, what that must save, and what it saved."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.pipeline.replanning.settings import BOUNDS, LATELY, Wanted, find_pool, list_pools, set_replanning
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub
from oms.console.forms import money, whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.console.sourcing.access import EDIT, VIEW, check_reach, why_not
from oms.domain.errors import HubError

pages = Blueprint("replanning", __name__, url_prefix="/settings/replanning")


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Every pool with its switch and what was saved there."""
    return _page()


@pages.post("/<int:pool_id>")
@requires(EDIT)
def save(pool_id: int) -> Response:
    """Switch a pool on or off; on, it is looked at at once."""
    try:
        check_reach(EDIT, "global", 0)
        pool = find_pool(connection(), hub(), pool_id)
        wanted = Wanted(
            request.form.get("is_on") == "on", money("least_amount", "CNY"), _minutes("every_min"), _minutes("quiet_min")
        )
        clicked(set_replanning)(hub(), pool_id, wanted, actor())
    except HubError as error:
        return make_response(_page(note_of(error), pool_id), status_of(error))
    say(_("「%(name)s」开着了，马上看一遍", name=pool.name) if wanted.is_on else _("「%(name)s」关了", name=pool.name))
    return redirect(url_for("replanning.listing"), 303)


def _minutes(name: str) -> int:
    least, most = BOUNDS[name]
    return whole(name, low=least, high=most)


def _page(note: Note | None = None, wrong_pool: int = 0) -> str:
    pools = list_pools(connection(), hub())
    return render_template(
        "settings/replanning.html", pools=pools, note=note, days=LATELY, typed=request.form, wrong_pool=wrong_pool,
        why=why_not(EDIT, "global", 0), parcels=sum(pool.parcels for pool in pools),
        amount_saved=sum(pool.amount for pool in pools), orders=sum(pool.orders for pool in pools),
    )  # fmt: skip
