"""设置 · 检测项: what each detector blocks, who lifts it and how; on or off and thresholds by place; what it holds."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.pipeline.detecting import settings
from oms.app.pipeline.detecting.detectors import Detector
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, shops
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.rendering import word
from oms.console.rules.access import ACTIVATE, VIEW, check_reach, why_not
from oms.console.rules.places import Places, chosen_place
from oms.console.security import requires
from oms.console.telling.words import hold
from oms.domain.errors import HubError, Invalid
from oms.domain.holds import KINDS

pages = Blueprint("detectors", __name__, url_prefix="/settings/detectors")


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Every detector as it stands in the chosen place."""
    return _render()


@pages.post("/<kind>")
@requires(ACTIVATE)
def save(kind: str) -> Response:
    """Switch a detector in a place and set its thresholds there, or let the wider place decide again."""
    try:
        scope, scope_id = chosen_place(request.form.get("place", ""))
        check_reach(ACTIVATE, scope, scope_id)
        _store(settings.detector_of(kind), scope, scope_id)
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    return redirect(url_for("detectors.listing", place=request.form["place"]) + f"#{kind}", 303)


def _store(detector: Detector, scope: str, scope_id: int) -> None:
    name = word(KINDS[detector.kind])
    if request.form.get("is_on") == "inherit":
        clicked(settings.clear_detector)(hub(), detector.kind, scope, scope_id, actor())
        say(_("「%(name)s」在这里跟上级一样了", name=name))
        return
    is_on, thresholds = request.form.get("is_on") == "on", _thresholds(detector)
    clicked(settings.set_detector)(
        hub(), detector.kind, scope, scope_id, actor(), is_on=is_on, thresholds=thresholds
    )  # fmt: skip
    say(_("「%(name)s」在这里打开了，新到的订单按它看", name=name) if is_on else _("「%(name)s」在这里关掉了", name=name))


def _thresholds(detector: Detector) -> dict[str, int]:
    found = {}
    for limit in detector.thresholds:
        typed = request.form.get(limit.name, "").strip()
        if typed and typed.removeprefix("-").isascii() and typed.removeprefix("-").isdigit() and len(typed) < 10:
            found[limit.name] = int(typed)
        elif typed:
            raise Invalid(limit.name, _("要写整数"))
    return found


def _render(note: Note | None = None) -> str:
    places = Places()
    wanted = request.values.get("place", "")
    place = places.find(wanted) or next(iter(places))
    rows = settings.list_detectors(hub(), connection(), place.scope, place.id, shops(VIEW).ids)
    return render_template(
        "settings/detectors.html", note=note, rows=rows, places=places, place=place, kinds=KINDS, words_of=hold,
        why=why_not(ACTIVATE, place.scope, place.id), clears=_clears(),
    )  # fmt: skip


def _clears() -> dict[str, str]:
    return {
        "auto": _("原因消失时自动解除"),
        "person": _("只有人能解除"),
        "either": _("人能解除，原因消失也自动解除"),
    }
