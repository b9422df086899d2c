"""规则 · 先试: what a backtest found as a table for Excel, nothing in it a formula."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flask import abort, make_response
from werkzeug.wrappers import Response

from oms.app.capture.sheets import write_csv, write_workbook
from oms.app.rulebook.trying.results import Change, every_change
from oms.console.context import connection
from oms.console.messages import _
from oms.console.rendering import amount, local
from oms.console.rules.access import VIEW
from oms.console.security import requires
from oms.console.trying import words
from oms.console.trying.page import ONE, find
from oms.console.trying.page import pages as pages  # those of a backtest, with the table below

TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
WIDTHS: Final = (22, 22, 18, 10, 12, 8, 26, 26, 24, 24, 20, 30)


@pages.get(f"{ONE}/changes.<kind>")
@requires(VIEW)
def export(backtest_id: int, kind: str) -> Response:
    """Every order that is not the same."""
    row = find(backtest_id)
    if kind not in TYPES:
        abort(404)
    rows = [_heading(), *_rows(row.id)]
    body = write_csv(rows) if kind == "csv" else write_workbook(rows, "backtest", WIDTHS)
    answer = make_response(body)
    answer.headers["Content-Type"] = TYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="backtest-{row.id}.{kind}"'
    return answer


def _heading() -> list[str]:
    return [
        _("平台单号"), _("店铺"), _("下单时间"), _("变化"), _("实付"), _("币种"), _("从"), _("到"),
        _("从：命中的规则"), _("到：命中的规则"), _("人后来"), _("没有的条件值"),
    ]  # fmt: skip


def _rows(backtest_id: int) -> Iterator[list[str]]:
    return (_row(change) for change in every_change(connection(), backtest_id))


def _row(one: Change) -> list[str]:
    return [
        one.external_no, one.shop_name, f"{local(one.ordered_at):%Y-%m-%d %H:%M}", words.kind_word(one.kind),
        amount(one.amount, one.currency), one.currency, "" if one.lacks else words.asked_words(one.before),
        "" if one.lacks else words.asked_words(one.after), ", ".join(one.rules_before), ", ".join(one.rules_after),
        "" if one.lacks else words.person_words(one.person, one.person_s), words.fact_words(one.lacks),
    ]  # fmt: skip
