"""规则 · 试算: what a trial found as a table for Excel, nothing in it a formula."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flask import abort, make_response
from werkzeug.wrappers import Response

from oms.app.capture.sheets import write_csv, write_workbook
from oms.app.pipeline.variants import asking
from oms.app.pipeline.variants.running import MOST_CHANGES
from oms.console.context import connection
from oms.console.messages import _
from oms.console.rendering import amount
from oms.console.security import requires
from oms.console.sourcing.access import VIEW
from oms.console.trying.export import TYPES
from oms.console.variants import words
from oms.console.variants.page import TRIAL, find, known
from oms.console.variants.page import pages as pages  # those of a trial, with the table below

WIDTHS: Final = (22, 22, 44, 44, 12, 10, 8)


@pages.get(f"{TRIAL}/orders.<kind>")
@requires(VIEW)
def export(trial_id: int, kind: str) -> Response:
    """The numbers of all sides, and every order that was kept."""
    row = find(trial_id)
    if kind not in TYPES:
        abort(404)
    rows = [*_figures(row), [], _heading(), *_orders(row)]
    body = write_csv(rows) if kind == "csv" else write_workbook(rows, "trial", WIDTHS)
    answer = make_response(body)
    answer.headers["Content-Type"] = TYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="trial-{row.id}.{kind}"'
    return answer


def _figures(row: Any) -> Iterator[list[str]]:
    yield ["", _("现在"), *[str(one["name"]) for one in row.variants]]
    here, figures = known(), row.figures or []
    if figures:
        lines = [*words.lines_of(figures), *words.places_of(figures, "points", here)]
        for line in [*lines, *words.places_of(figures, "carriers", here), *words.unserved_of(figures)]:
            yield [line.name, *[cell.text for cell in line.cells]]


def _heading() -> list[str]:
    return [_("方案"), _("平台单号"), _("现在怎样发"), _("方案里怎样发"), _("多花"), _("多的包裹"), _("币种")]


def _orders(row: Any) -> Iterator[list[str]]:
    here = known()
    for number, one in enumerate(row.variants, 1):
        for each in asking.list_changes(connection(), row.id, side=number, after=(number, 0), size=MOST_CHANGES):
            yield [
                str(one["name"]), each.external_no, words.tell_way(each.before, here), words.tell_way(each.after, here),
                amount(each.amount, each.currency), str(each.parcels), each.currency,
            ]  # fmt: skip
