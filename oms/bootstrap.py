"""The only place that wires: settings become a hub, and a hub becomes the web application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import structlog
from flask import Flask, abort, request
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix

from connectors.registry import all_vendors
from oms.api import API_BLUEPRINTS, register_api
from oms.app.kernel.hub import Hub
from oms.config import Settings
from oms.console import register_console
from oms.console.security import current_person
from oms.console.sign_in import register_sign_in
from oms.db.sealed import KeyRing
from oms.db.session import CLICK_LOCK_TIMEOUT_MS, make_engine
from oms.domain.errors import Busy, ConfigError
from oms.embedded import running_url
from oms.jobs.leader import CLOCK_LOCK
from oms.jobs.poke import make_poke
from oms.keyfiles import load_master_keys, load_secret_key
from oms.logs import set_up_logs

LARGEST_REQUEST = 32 * 1024 * 1024
log = structlog.get_logger(__name__)
SESSION_LENGTH = timedelta(hours=12)
LOCKED = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


class HubFlask(Flask):
    """Flask whose log of a defect holds no words of the error: they may quote a row."""

    def log_exception(self, exc_info: Any) -> None:
        """One structured line with the route, never the address, which may hold a token."""
        rule = request.url_rule.rule if request.url_rule else ""
        log.error("request_failed", method=request.method, route=rule, exc_info=exc_info)


def make_hub(settings: Settings, *, name: str = "oms", lock_timeout_ms: int = 0, pool_url: str | None = None) -> Hub:
    """The running hub's parts; `name` is what the database lists its connections under.

    `pool_url` is a transaction pooler before the same database, which then serves all but the signals to workers.
    Connections open on first use. ConfigError when there is no database address or no usable master key file.
    """
    url = database_url(settings)
    master = load_master_keys(settings.master_key_file)
    threads = max(settings.web_threads, settings.worker_threads)
    return Hub(
        engine=make_engine(
            pool_url or url, name=name, pool_size=threads, lock_timeout_ms=lock_timeout_ms, is_pooled=bool(pool_url)
        ),
        keys=KeyRing(master.current, dict(master.keys)),
        vendors=dict(all_vendors(settings.extra_connectors)),
        public_url=settings.public_url,
        allow_private_addresses=settings.allow_private_addresses,
        poke=make_poke(url),
    )


def database_url(settings: Settings) -> str:
    """DATABASE_URL, else the address of the embedded server that `oms up` runs."""
    url = settings.database_url or running_url(settings.embedded_folder)
    if url is None:
        raise ConfigError("There is no DATABASE_URL.", "Start `oms up`, which runs one, or set DATABASE_URL.")
    return url


def create_app(settings: Settings | None = None) -> Flask:
    """The web application for any WSGI server: console, API, hooks, health; settings default to the environment."""
    chosen = settings or Settings.from_env()
    set_up_logs(chosen)
    pool_url = chosen.database_pool_url
    hub = make_hub(chosen, name="oms web", lock_timeout_ms=CLICK_LOCK_TIMEOUT_MS, pool_url=pool_url)
    return assemble(chosen, hub, load_secret_key(chosen.secret_key_file))


def assemble(settings: Settings, hub: Hub, secret_key: str) -> Flask:
    """The web application on a hub that exists already."""
    app = HubFlask("oms", static_folder=None, template_folder=None)
    app.config.update(_flask_settings(settings, secret_key))
    if is_behind_proxy(settings):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    forgery = CSRFProtect(app)
    register_console(app, hub)
    register_sign_in(app, hub)
    register_api(app, hub, current_person, CLOCK_LOCK)
    for blueprint in API_BLUEPRINTS:
        forgery.exempt(blueprint)
    app.before_request(refuse_nul)
    _say_busy(app)
    return app


def refuse_nul() -> None:
    """No address holds a NUL character, which the database could not take either."""
    if "\x00" in request.path or b"%00" in request.query_string or b"\x00" in request.query_string:
        abort(400, "the address holds a NUL character")


def is_behind_proxy(settings: Settings) -> bool:
    """Whether a TLS proxy stands before us, whose X-Forwarded headers may be believed: we speak no TLS ourselves."""
    return urlsplit(settings.public_url).scheme == "https"


def _flask_settings(settings: Settings, secret_key: str) -> dict[str, Any]:
    return {
        "SECRET_KEY": secret_key,
        "SESSION_COOKIE_NAME": "oms_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_behind_proxy(settings),
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": is_behind_proxy(settings),
        "PERMANENT_SESSION_LIFETIME": SESSION_LENGTH,
        "WTF_CSRF_TIME_LIMIT": int(SESSION_LENGTH.total_seconds()),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
    }


def _say_busy(app: Flask) -> None:
    """A lock that another process holds becomes a sentence: being processed, try again."""

    def busy(error: Exception) -> Any:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(cause, LOCKED):
            raise error
        return app.handle_user_exception(Busy("being processed, try again", "wait a few seconds, then do it again"))

    app.register_error_handler(DBAPIError, busy)
    for kind in LOCKED:
        app.register_error_handler(kind, busy)
