"""Puts the console together: blueprints, what every template knows, CSRF, headers, error pages."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, current_app, g, request, url_for
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError  # type: ignore[import-untyped]

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.work import open_work
from oms.console import addresses, context, notes, refusals, rendering, translating
from oms.console.cases import page as cases
from oms.console.finance import partners, remittances
from oms.console.home import notices
from oms.console.home import page as home
from oms.console.masters import listings
from oms.console.masters import page as masters
from oms.console.menu import Shown, menu_for
from oms.console.operations import completeness, interceptions, outbound, parked, stops, sync
from oms.console.orders import deadlines, entering, importing, why
from oms.console.orders import list as orders
from oms.console.orders import page as order
from oms.console.packing import desk as packing
from oms.console.packing import settings as packing_settings
from oms.console.packing import swaps as packing_swaps
from oms.console.packing import work as packing_work
from oms.console.people import keys, me
from oms.console.people import list as people
from oms.console.reviewing import bulk as review_bulk
from oms.console.reviewing import forced as review_forced
from oms.console.reviewing import queue as review
from oms.console.reviewing import settings as review_settings
from oms.console.rules import copies as rule_copies
from oms.console.rules import detectors, gifts
from oms.console.rules import set_acts as rule_set_acts
from oms.console.rules import sets as rules
from oms.console.rules import standing as rule_standing
from oms.console.rules import troubles as rule_troubles
from oms.console.rules import version_acts as rule_version_acts
from oms.console.rules.editor import page as rule_editor
from oms.console.rules.editor import text as rule_editor_text
from oms.console.security import current_person
from oms.console.shipping import (
    coming_back,
    joining,
    label_settings,
    labels,
    merge_settings,
    merging,
    parcels,
    status_pages,
)
from oms.console.shops import authorising, connecting, observed, webhooks
from oms.console.shops import list as shops
from oms.console.shops import page as shop
from oms.console.sourcing import plans as sourcing_plans
from oms.console.sourcing import replanning
from oms.console.sourcing import settings as sourcing
from oms.console.stock import coverage as stock_coverage
from oms.console.stock import differences as stock_differences
from oms.console.stock import levels as stock_levels
from oms.console.stock import opening, point_stops, promises, pushing, quotas, replenishing
from oms.console.stock import papers as stock_papers
from oms.console.stock import points as stock_points
from oms.console.stores import day as stores_day
from oms.console.stores import desk as stores_desk
from oms.console.stores import notes as stores_notes
from oms.console.stores import own as stores_own
from oms.console.stores import returns as stores_returns
from oms.console.stores import rounds as stores_rounds
from oms.console.stores import settings as stores_settings
from oms.console.stores import tasks as stores
from oms.console.telling import words
from oms.console.trying import reports as trying_reports
from oms.console.variants import export as variants_export
from oms.domain.errors import HubError, Invalid

PAGES: tuple[Blueprint, ...] = (
    home.pages,
    orders.pages,
    entering.pages,
    importing.pages,
    order.pages,
    why.pages,
    review.pages,
    review_bulk.pages,
    review_forced.pages,
    review_settings.pages,
    cases.pages,
    rules.pages,
    trying_reports.pages,
    variants_export.pages,
    rule_editor.pages,
    rule_editor_text.pages,
    rule_set_acts.pages,
    rule_version_acts.pages,
    rule_standing.pages,
    rule_copies.pages,
    rule_troubles.pages,
    gifts.pages,
    detectors.pages,
    replanning.pages,
    sourcing.pages,
    sourcing_plans.pages,
    masters.pages,
    stock_levels.pages,
    stock_differences.pages,
    stock_papers.pages,
    stock_coverage.pages,
    stock_points.pages,
    point_stops.pages,
    quotas.pages,
    promises.pages,
    replenishing.pages,
    sync.pages,
    completeness.pages,
    parked.pages,
    partners.pages,
    outbound.pages,
    interceptions.pages,
    joining.pages,
    merging.pages,
    merge_settings.pages,
    stops.pages,
    stores.pages,
    stores_notes.pages,
    stores_returns.pages,
    stores_rounds.pages,
    stores_day.pages,
    stores_own.pages,
    stores_desk.pages,
    stores_settings.pages,
    packing.pages,
    packing_work.pages,
    packing_swaps.pages,
    packing_settings.pages,
    shops.pages,
    listings.pages,
    opening.pages,
    shop.pages,
    observed.pages,
    pushing.pages,
    connecting.pages,
    authorising.pages,
    webhooks.pages,
    keys.pages,
    people.pages,
    me.pages,
    notices.pages,
    deadlines.pages,
    coming_back.pages,
    status_pages.pages,
    remittances.pages,
    labels.pages,
    label_settings.pages,
    parcels.pages,
)
OWN = frozenset(page.name for page in PAGES)
FILES = Blueprint(
    "console", __name__, static_folder="static", static_url_path="/static/console", template_folder="templates"
)

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def register(app: Flask, hub: Hub) -> None:
    """Add everything to the application."""
    app.url_map.converters["int"] = addresses.IdConverter
    context.bind(app, hub)
    translating.speak(app)
    rendering.register(app)
    app.jinja_env.globals.update(words.names())
    app.register_blueprint(FILES)
    for page in PAGES:
        app.register_blueprint(page)
    app.jinja_env.globals.update(csrf_token=generate_csrf, here=here, here_with=here_with, came_from=came_from)
    app.jinja_env.globals.update(language=translating.language, tell=refusals.tell, unread_notices=notices.unread)
    app.before_request(check_token)
    app.before_request(check_characters)
    app.context_processor(shared_names)
    app.after_request(add_headers)
    app.register_error_handler(HubError, notes.show_error)
    app.register_error_handler(HTTPException, notes.show_http_error)


def shared_names() -> dict[str, Any]:
    """What every template knows: the person, their theme and menu."""
    person = current_person()
    theme = person.theme if person else "system"
    sign_out = url_for("security.logout") if "security.logout" in _endpoints() else ""
    return {"person": person, "theme": theme, "menu": menu, "sign_out": sign_out}


def menu() -> list[Shown]:
    """The menu of the person at the console; nobody has none."""
    person = current_person()
    if person is None:
        return []
    if "console_menu" not in g:
        g.console_menu = menu_for(person, open_work(context.connection(), context.shops().ids))
    return cast(list[Shown], g.console_menu)


def here() -> str:
    """The path of this page with its filters; of an answer to a form that nobody can open, that of its form's page."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return request.path if _opens(request.path) else came_from()


def came_from() -> str:
    """The page of our own that the person was on before; the start page where it is not known or cannot be opened."""
    told = urlsplit(request.referrer or "")
    if told.netloc != request.host or not _opens(told.path):
        return "/"
    return f"{told.path}?{told.query}" if told.query else told.path


def _opens(path: str) -> bool:
    """Whether a page has this address, and not only the answer to a form."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, "GET")


def here_with(**changes: str) -> str:
    """This page with some of its filters changed; an empty one is dropped, and so is the place in the list."""
    kept = {name: value for name, value in request.args.items() if name != "at"} | changes
    wanted = {name: value for name, value in kept.items() if value}
    return f"{request.path}?{urlencode(wanted)}" if wanted else request.path


def check_token() -> None:
    """Refuse a form of these pages that was not made for this session; other blueprints have checks of their own."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.blueprint not in OWN:
        return
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken", ""))
    except ValidationError as wrong:
        raise CSRFError("the form's token is missing or too old") from wrong


def check_characters() -> None:
    """Refuse what no text of people holds and no database keeps, wherever it stands."""
    if request.blueprint not in OWN:
        return
    for name, value in request.form.items(multi=True):
        if "\0" in name or "\0" in value:
            raise Invalid(name.replace("\0", "")[:40] or "form", "an invisible sign is in it", "type it anew")


def add_headers(response: Response) -> Response:
    """Strict headers for every answer that has not set its own; pages of people are never kept by caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "console_leads_to" in g:  # A form of this page ends on a platform's, which may send people on to its sign-in.
        policy = HEADERS["Content-Security-Policy"].replace(
            "form-action 'self'", f"form-action 'self' {g.console_leads_to}"
        )
        response.headers["Content-Security-Policy"] = policy
    if request.endpoint not in (None, "console.static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _endpoints() -> frozenset[str]:
    return frozenset(current_app.view_functions)
