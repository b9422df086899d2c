"""规则 · 试算: variants of sourcing, tried over open or past orders beside what is in force; what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.variants import asking
from oms.app.pipeline.variants.known import Known, read_known
from oms.app.rulebook.trying.personal import UNMASK
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person, shops
from oms.console.forms import chosen_id, ticked
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, say_refused, status_of
from oms.console.security import requires
from oms.console.sourcing.access import TRY, VIEW
from oms.console.telling.events import people_of
from oms.console.trying.asked import read_shops, tried_shops, usual
from oms.console.variants import words
from oms.console.variants.asked import read_asked_period, read_variant
from oms.domain.errors import HubError

pages = Blueprint("variants", __name__, url_prefix="/rules")
VARIANT: Final = "/variants/<int:variant_id>"
TRIAL: Final = "/trials/<int:trial_id>"
LISTED: Final = 12


@pages.get("/variants")
@requires(VIEW)
def listing() -> str:
    """Variants, the form that tries them, and trials so far."""
    return _listing(request.args)


@pages.get("/variants/new")
@requires(TRY)
def new() -> str:
    """The empty form of a variant."""
    return _form(None, "", {})


@pages.post("/variants/new")
@requires(TRY)
def add() -> Response:
    """Keep a new variant."""
    return _store(None)


@pages.get(VARIANT)
@requires(TRY)
def variant(variant_id: int) -> str:
    """The form of a variant."""
    row = asking.find_variant(connection(), variant_id)
    return _form(row, row.name, row.changes)


@pages.post(VARIANT)
@requires(TRY)
def change(variant_id: int) -> Response:
    """Change a variant."""
    return _store(asking.find_variant(connection(), variant_id))


@pages.post(f"{VARIANT}/drop")
@requires(TRY)
def drop(variant_id: int) -> Response:
    """Forget a variant; its trials stay."""
    try:
        clicked(asking.drop_variant)(hub(), variant_id)
    except HubError as error:
        say_refused(error)
    else:
        say(_("方案删掉了，算过的结果都留着"))
    return back(url_for("variants.listing"))


@pages.post("/trials")
@requires(TRY)
def ask() -> Response:
    """Start a trial."""
    try:
        chosen, (since, until) = read_shops(request.form), read_asked_period()
        sees_plain = all(person().allows(UNMASK, shop_id) for shop_id in chosen)
        trial_id = clicked(asking.ask_trial)(
            hub(), ticked("variant"), chosen, actor(), since=since, until=until, sees_plain=sees_plain
        )
    except HubError as error:
        return make_response(_listing(request.form, note_of(error)), status_of(error))
    return redirect(url_for("variants.trial", trial_id=trial_id), 303)


@pages.get(TRIAL)
@requires(VIEW)
def trial(trial_id: int) -> str:
    """What a trial found, side by side, and the orders that would leave otherwise."""
    return _trial("variants/trial.html", trial_id)


@pages.get(f"{TRIAL}/progress")
@requires(VIEW)
def progress(trial_id: int) -> str:
    """The same without the page around it, asked for again while it runs."""
    return _trial("variants/found.html", trial_id)


@pages.post(f"{TRIAL}/stop")
@requires(TRY)
def stop(trial_id: int) -> Response:
    """Stop a trial."""
    find(trial_id)
    try:
        clicked(asking.stop_trial)(hub(), trial_id)
    except HubError as error:
        say_refused(error)
    else:
        say(_("停下了，这一次什么都没留"))
    return back(url_for("variants.trial", trial_id=trial_id))


def find(trial_id: int) -> AnyRow:
    """A trial that the person may see; NotFound otherwise."""
    return asking.find_trial(connection(), trial_id, tried_shops().ids)


def known() -> Known:
    """What variants can name, of what the person may see."""
    return read_known(connection(), shops(VIEW).ids)


def _listing(typed: Mapping[str, str], note: Note | None = None) -> str:
    trials = asking.list_trials(connection(), tried_shops().ids)[:LISTED]
    return render_template(
        "variants/list.html", note=note, variants=asking.list_variants(connection()), known=known(), words=words,
        trials=trials, people=people_of([row.created_by for row in trials]), shops=tried_shops(), typed=usual(typed),
        chosen=ticked("variant") or [chosen_id("variant")], may_ask=person().allows(TRY), most=asking.MOST_SIDES,
    )  # fmt: skip


def _form(row: AnyRow | None, name: str, changes: Mapping[str, Any], note: Note | None = None) -> str:
    return render_template(
        "variants/form.html", row=row, name=name, changes=changes, note=note, known=known(), words=words
    )


def _store(row: AnyRow | None) -> Response:
    name, document = request.form.get("name", ""), {}
    try:
        document = read_variant(known()) | _settings_of(row)
        if row is None:
            clicked(asking.add_variant)(hub(), name, document, actor())
        else:
            clicked(asking.change_variant)(hub(), row.id, name, document)
    except HubError as error:
        return make_response(_form(row, name, document, note_of(error)), status_of(error))
    say(_("方案「%(name)s」存好了，勾上它就能试算", name=name.strip()))
    return redirect(url_for("variants.listing"), 303)


def _settings_of(row: AnyRow | None) -> dict[str, Any]:
    """Settings of sourcing that a variant tries: its form does not show them, and keeps them."""
    return {"settings": row.changes["settings"]} if row is not None and "settings" in row.changes else {}


def _trial(template: str, trial_id: int) -> str:
    row = find(trial_id)
    side = min(chosen_id("side") or 1, len(row.variants))
    changes = asking.list_changes(connection(), trial_id, side=side, after=(side, chosen_id("after") or 0))
    here = known()
    figures = row.figures or []
    return render_template(
        template, row=row, side=side, changes=changes, words=words, known=here, lines=words.lines_of(figures) if figures
        else [], points=words.places_of(figures, "points", here) if figures else [], people=people_of([row.created_by]),
        carriers=words.places_of(figures, "carriers", here) if figures else [], may_stop=person().allows(TRY),
        unserved=words.unserved_of(figures) if figures else [], shops=tried_shops(),
        share=min(100, row.done * 100 // row.total) if row.total else 0,
        next=changes[-1].order_id if len(changes) == asking.SIZE else 0,
    )  # fmt: skip
