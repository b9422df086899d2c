"""打包 · 仓内换货: other goods go into a fulfilment."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.pipeline.packing.swaps import Swap, swap_goods
from oms.console.context import hub
from oms.console.forms import reason, whole
from oms.console.messages import _
from oms.console.packing import work as packing_work
from oms.console.packing.places import SWAP, attempt, teller
from oms.console.security import requires

pages = Blueprint("packing_swaps", __name__, url_prefix="/packing")


@pages.post("/<int:fulfilment_id>/swap")
@requires(SWAP)
def swap(fulfilment_id: int) -> Response:
    """Put other goods in."""
    told = teller()

    def act() -> None:
        away, instead = request.form.get("away", "").strip(), request.form.get("instead", "").strip()
        swap_goods(hub(), fulfilment_id, Swap(away, instead, whole("units", high=100_000), reason()), told)

    return attempt(
        act, _("已换货，客服会收到通知"),
        lambda: redirect(url_for("packing_work.show", fulfilment_id=fulfilment_id), 303),
        lambda note: packing_work.render(fulfilment_id, note),
    )  # fmt: skip
