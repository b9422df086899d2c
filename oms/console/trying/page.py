"""规则 · 先试: a draft on one order now, or on the orders of a past period beside what is in force; what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.finding import find_order_ids
from oms.app.kernel.queries.order_page import load_order
from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook import sets
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.trying import backtests, results
from oms.app.rulebook.trying.dry import DryRun, try_version
from oms.app.rulebook.trying.outcomes import LISTED
from oms.app.rulebook.trying.people import WORDS
from oms.app.rulebook.trying.personal import UNMASK
from oms.app.rulebook.trying.questions import VERDICTS
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person
from oms.console.forms import chosen_id, read_whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, say_refused, status_of
from oms.console.orders.why import branches
from oms.console.rendering import now
from oms.console.rules.access import EDIT, VIEW, visible_version
from oms.console.rules.places import Places
from oms.console.rules.words import stage_word, who
from oms.console.security import requires
from oms.console.trying import words
from oms.console.trying.asked import read_filter, read_period, read_shops, tried_shops, usual
from oms.domain.errors import HubError, NotFound

pages = Blueprint("trying", __name__, url_prefix="/rules")
VERSION: Final = "/<int:rule_set_id>/versions/<int:version_id>/try"
ONE: Final = "/backtests/<int:backtest_id>"
#: So many rules of an explanation stand open.
OPENED: Final = 6


@pages.get(VERSION)
@requires(VIEW)
def start(rule_set_id: int, version_id: int) -> str:
    """The forms: past orders of a period, or one order now with what comes out for it."""
    return _start(rule_set_id, version_id, request.args)


@pages.post(VERSION)
@requires(EDIT)
def ask(rule_set_id: int, version_id: int) -> Response:
    """Start a backtest."""
    visible_version(version_id, rule_set_id)
    try:
        against = read_whole(request.form.get("against", "")) or None
        if against:
            visible_version(against)
        asked = read_period(request.form), read_shops(request.form), actor()
        started = clicked(backtests.ask_backtest)(
            hub(), version_id, *asked, asked=read_filter(request.form), against_id=against,
            sees_plain=all(person().allows(UNMASK, shop_id) for shop_id in asked[1]),
        )  # fmt: skip
    except HubError as error:
        return make_response(_start(rule_set_id, version_id, request.form, note_of(error)), status_of(error))
    return redirect(url_for("trying.result", backtest_id=started), 303)


@pages.get(ONE)
@requires(VIEW)
def result(backtest_id: int) -> str:
    """What a backtest found so far, and the orders it would change."""
    return _result("trying/result.html", backtest_id)


@pages.get(f"{ONE}/progress")
@requires(VIEW)
def progress(backtest_id: int) -> str:
    """The same without the page around it, asked for again while it runs."""
    return _result("trying/found.html", backtest_id)


@pages.post(f"{ONE}/stop")
@requires(EDIT)
def stop(backtest_id: int) -> Response:
    """Stop a backtest."""
    find(backtest_id)
    try:
        clicked(backtests.stop_backtest)(hub(), backtest_id)
    except HubError as error:
        say_refused(error)
    else:
        say(_("停下了，已经比过的结果都留着"))
    return back(url_for("trying.result", backtest_id=backtest_id))


@pages.get(f"{ONE}/orders/<int:order_id>")
@requires(VIEW)
def change(backtest_id: int, order_id: int) -> str:
    """One order with the explanation of both sides."""
    row = find(backtest_id)
    told = results.explain_change(hub(), connection(), row, order_id)
    numbers = {id_: _number(id_) for id_ in (told.version_before, told.version_after)}
    return render_template(
        "trying/change.html", row=row, told=told, change=results.find_change(connection(), backtest_id, order_id),
        numbers=numbers, words=words, branches=branches, opens=OPENED, stage_word=stage_word,
    )  # fmt: skip


def _start(rule_set_id: int, version_id: int, typed: Mapping[str, str], note: Note | None = None) -> str:
    version, row = visible_version(version_id, rule_set_id)
    dry: DryRun | None = None
    number = request.args.get("no", "").strip()
    if number and note is None:
        try:
            dry = _dry_run(row.stage, version_id, number)
        except HubError as error:
            note = note_of(error)
    mine = tried_shops()
    past = backtests.list_backtests(connection(), mine.ids, rule_set_id=rule_set_id)
    versions = [each for each in sets.versions_of(connection(), rule_set_id) if each.id != version_id]
    return render_template(
        "trying/start.html", row=row, version=version, stage=stage_word(row.stage), typed=usual(typed), note=note,
        dry=dry, number=number, shops=mine, channels=_channels(), versions=versions, past=past, words=words,
        verdicts=VERDICTS[1:] if row.stage == "review" else VERDICTS[1:3], people=who(each.created_by for each in past),
        place=Places().words(row.scope, row.scope_id), branches=branches, opens=OPENED, may_ask=person().allows(EDIT),
    )  # fmt: skip


def _dry_run(stage: str, version_id: int, number: str) -> DryRun:
    found = find_order_ids(connection(), number, tried_shops().ids)
    if not found:
        raise NotFound("there is no such order", "check the number and the shop")
    order = load_order(connection(), found[0])
    sees_plain = order is not None and person().allows(UNMASK, order.shop_id)
    return clicked(try_version)(hub(), version_id, stage, found[0], sees_plain=sees_plain)


def _channels() -> dict[int, tuple[str, str]]:
    return {shop.channel_id: (shop.channel_zh, shop.channel_en) for shop in tried_shops()}


def find(backtest_id: int) -> AnyRow:
    """A backtest that the person may see; NotFound otherwise."""
    return backtests.find_backtest(connection(), backtest_id, tried_shops().ids)


def _result(template: str, backtest_id: int) -> str:
    row = find(backtest_id)
    kind, did = request.args.get("kind", ""), request.args.get("person", "")
    asked = results.Wanted(kind if kind in LISTED else "", did if did in WORDS else "", request.args.get("rule", "")[:64])
    changes = results.list_changes(connection(), backtest_id, asked, after=chosen_id("after") or 0)
    values: dict[str, Any] = {
        "row": row, "changes": changes, "asked": asked, "words": words, "left": backtests.remaining(row, now()),
        "share": min(100, row.done * 100 // row.total) if row.total else 100, "people": who([row.created_by]),
        "next": changes[-1].order_id if len(changes) == results.SIZE else 0, "shops": tried_shops(),
        "against": _number(row.against_id) if row.against_id else None, "stage_word": stage_word,
        "names": backtests.rule_names(connection(), row), "may_stop": person().allows(EDIT),
        "stage": stage_word(row.stage),
    }  # fmt: skip
    return render_template(template, **values)


def _number(version_id: int) -> int | None:
    """The number of a version; None of one that is gone, or where there is none."""
    try:
        return int(find_version(connection(), version_id).number) if version_id else None
    except NotFound:
        return None
