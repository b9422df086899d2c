"""Hangs the API, the hooks and health into the application; errors under /api become problem details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from oms.api import (
    access,
    cases,
    deadlines,
    description,
    detectors,
    documents,
    gifts,
    health,
    hooks,
    joining,
    masters,
    merging,
    observed,
    orders,
    packing,
    partners,
    point_settings,
    problems,
    promises,
    replanning,
    reviews,
    reviews_settings,
    rule_sets,
    rule_sets_reading,
    rule_sets_versions,
    sourcing,
    stock,
    stock_documents,
    stock_points,
    stock_settings,
    stops,
    stores,
    stores_lead,
    trying,
    variants,
    why,
)
from oms.api.access import Caller, Unauthenticated
from oms.api.schemas import Problem
from oms.api.standard import ROUTES as STANDARD
from oms.app.kernel.hub import Hub
from oms.domain.errors import HubError

OWN = (
    orders,
    cases,
    documents,
    observed,
    stock,
    stock_documents,
    stock_points,
    stops,
    reviews,
    reviews_settings,
    rule_sets,
    rule_sets_versions,
    rule_sets_reading,
    why,
    trying,
    gifts,
    detectors,
    masters,
    packing,
    joining,
    merging,
    replanning,
    sourcing,
    variants,
    stores,
    stores_lead,
    promises,
    partners,
    stock_settings,
    point_settings,
    deadlines,
)
ROUTES = (*[module.routes.blueprint for module in OWN], *STANDARD)
#: Blueprints that take no forms: who calls is proved by a key, a signature or a token of its own.
API_BLUEPRINTS = (*ROUTES, hooks.blueprint, health.blueprint, description.blueprint)


class HubApi(Api):  # type: ignore[misc]
    """flask-smorest, describing refusals as problem details."""

    ERROR_SCHEMA = Problem


def register_api(app: Flask, hub: Hub, find_person: Callable[[], Caller | None], clock_lock: int) -> None:
    """Add everything; `find_person` finds who is signed in, `clock_lock` is the lock the leading clock holds."""
    access.bind(app, hub, find_person)
    app.config.update(
        {
            "API_TITLE": "Order hub",
            "API_VERSION": "v1",
            "OPENAPI_VERSION": description.VERSION,
            health.CLOCK_LOCK: clock_lock,
        }
    )
    before = {kind: app.error_handler_spec[None][None].get(kind) for kind in (HubError, HTTPException)}
    api = HubApi(app, spec_kwargs=description.SPEC_OPTIONS)
    app.extensions[description.EXTENSION] = api
    for routes in ROUTES:
        api.register_blueprint(routes)
    for plain in (hooks.blueprint, health.blueprint, description.blueprint):
        app.register_blueprint(plain)
    app.register_error_handler(Unauthenticated, problems.of_unauthenticated)
    _by_address(app, HubError, problems.of_hub_error, before[HubError])
    _by_address(app, HTTPException, problems.of_http_error, before[HTTPException])


def _by_address(app: Flask, kind: type[Exception], ours: Callable[[Any], Any], theirs: Any) -> None:
    """Errors of API addresses as problem details, all others as the console, which was asked before, has it."""

    def choose(error: Any) -> Any:
        if problems.wants_problem() or theirs is None:
            return ours(error)
        return app.ensure_sync(theirs)(error)

    app.register_error_handler(kind, choose)
