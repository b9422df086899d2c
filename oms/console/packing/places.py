"""What the pages of packing share: the points of the person, their work, and how a verb is tried."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import abort, make_response, request
from werkzeug.wrappers import Response

from oms.app.kernel.point_scope import points_of
from oms.app.kernel.queries import packing as queries
from oms.app.kernel.queries.packing import PackingPage, load_work, points_by_hand
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.packing.desk import Teller
from oms.app.pipeline.packing.swaps import ORIGINS
from oms.console.acts import clicked
from oms.console.context import actor, connection, person
from oms.console.notes import Note, note_of, say, status_of
from oms.domain.errors import HubError

WORK, SWAP, RECEIVER, EDIT = "packing.work", "packing.swap", "packing.receiver", "packing.edit"


def my_points(permission: str = WORK) -> list[int]:
    """Ids of the stock points at which the person may use a permission."""
    return points_of(connection(), person(), permission)


def places(permission: str = WORK) -> list[AnyRow]:
    """Their warehouses that are worked by hand."""
    return points_by_hand(connection(), my_points(permission))


def the_work(fulfilment_id: int) -> PackingPage:
    """A fulfilment at one of the person's points; 404 otherwise."""
    found = load_work(connection(), my_points(), fulfilment_id)
    if found is None:
        abort(404)
    return found


def teller() -> Teller:
    """The person, with the key that the form brought."""
    return Teller(actor(), my_points(), request.form.get("key", "")[:64] or new_key())


def new_key() -> str:
    """A key for one form, so that sending it twice does it once."""
    return secrets.token_hex(8)


def attempt(act: Callable[[], Any], words: str, then: Callable[[], Response], show: Callable[[Note], str]) -> Response:
    """Do it and go on; a refusal stays on the page."""
    try:
        clicked(act)()
    except HubError as error:
        return make_response(show(note_of(error)), status_of(error))
    if words:
        say(words)
    return then()


def choices_of(found: PackingPage) -> dict[AnyRow, list[AnyRow]]:
    """Lines that may be swapped here, with the goods that may go in instead."""
    setting = queries.setting_of(connection(), found.work.stock_point_id)
    allowed = set(setting["swap_origins"]) & set(ORIGINS)
    lines = [line for line in found.lines if line.open and allowed & set(line.origins)]
    near = queries.swap_choices(connection(), found.work.stock_point_id, [line.sku_id for line in lines]) if lines else {}
    return {line: near.get(line.sku_id, []) for line in lines}
