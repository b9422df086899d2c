"""Hangs sign-in into the application: Flask-Security's settings, the limits on attempts, the pages' addresses."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template, request, session
from flask_babel import gettext as _  # type: ignore[import-untyped]
from flask_login import current_user
from flask_security import Security, password_changed, tf_disabled, tf_profile_changed
from sqlalchemy.orm import scoped_session, sessionmaker
from werkzeug.wrappers import Response

from oms.app.kernel.hub import Hub
from oms.console.security import Person, find_people_with
from oms.console.sign_in import attempts
from oms.console.sign_in.model import Account, Accounts, person_of
from oms.console.sign_in.passwords import SCHEME, SHORTEST, PasswordPolicy
from oms.console.sign_in.second_factor import OneTimePasswords
from oms.db.sealed import KeyRing

pages = Blueprint("sign_in", __name__, template_folder="templates")

ISSUER = "Order Hub"
#: Endpoints where somebody proves who they are: a failure there counts.
PROOFS = frozenset(
    f"security.{name}"
    for name in (
        "login",
        "verify",
        "change_password",
        "two_factor_token_validation",
        "two_factor_setup_validate",
        "mf_recovery",
    )
)
#: Ways of Flask-Security that would send mail, which the hub does not.
CLOSED = frozenset({"security.two_factor_rescue", "security.tf_select"})

SETTINGS: dict[str, Any] = {
    "CHANGEABLE": True,
    "TRACKABLE": True,
    "TWO_FACTOR": True,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 8,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "SEND_PASSWORD_CHANGE_EMAIL": False,
    "RETURN_GENERIC_RESPONSES": True,
    "FLASH_MESSAGES": False,
    "PASSWORD_HASH": SCHEME,
    "PASSWORD_SCHEMES": [SCHEME],
    "PASSWORD_SINGLE_HASH": {SCHEME},
    "PASSWORD_LENGTH_MIN": SHORTEST,
    "JOIN_USER_ROLES": False,
    "API_ENABLED_METHODS": ["session"],
    "FRESHNESS": timedelta(minutes=30),
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=30),
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "TOTP_ISSUER": ISSUER,
    "LOGOUT_METHODS": ["POST"],
    "LOGOUT_CSRF": True,
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "VERIFY_URL": "/sign-in/again",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
    "TWO_FACTOR_SELECT_URL": "/sign-in/select",
    "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery",
    "CHANGE_URL": "/me/password",
    "TWO_FACTOR_SETUP_URL": "/me/second-factor",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/me/recovery-codes",
    "POST_LOGOUT_VIEW": "/sign-in",
    "POST_CHANGE_VIEW": "/me/password",
    "TWO_FACTOR_POST_SETUP_VIEW": "/me/second-factor",
    "LOGIN_USER_TEMPLATE": "sign_in/login.html",
    "LOGOUT_USER_TEMPLATE": "sign_in/logout.html",
    "VERIFY_TEMPLATE": "sign_in/verify.html",
    "CHANGE_PASSWORD_TEMPLATE": "sign_in/password.html",
    "TWO_FACTOR_SETUP_TEMPLATE": "sign_in/second_factor.html",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "sign_in/code.html",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "sign_in/recovery.html",
    "MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "sign_in/recovery_codes.html",
}


def register_sign_in(app: Flask, hub: Hub) -> None:
    """Give the application accounts, sessions and the pages to sign in; it must have its SECRET_KEY already."""
    app.config.update({f"SECURITY_{name}": value for name, value in SETTINGS.items()})
    app.config.update(_keys(hub.keys))
    app.register_blueprint(pages)
    sessions = scoped_session(sessionmaker(hub.engine, expire_on_commit=False))
    factory = type("HubOneTimePasswords", (OneTimePasswords,), {"hub": hub})
    security = Security(app, Accounts(sessions), password_util_cls=PasswordPolicy, totp_cls=factory)
    security.want_json(lambda _request: False)
    app.teardown_appcontext(lambda _error: sessions.remove())
    find_people_with(app, signed_in)
    _limit_attempts(app, hub)
    _say_what_changed(app)


def signed_in() -> Person | None:
    """The person of this request's session."""
    account = current_user._get_current_object()
    return person_of(account) if isinstance(account, Account) and account.active else None


def _keys(ring: KeyRing) -> dict[str, Any]:
    """Keys of their own for what is stored with an account, from the master keys, the current one first."""
    order = [ring.current, *(name for name in ring.keys if name != ring.current)]
    totp = {name: hmac.digest(ring.keys[name], b"one-time passwords", "sha256").hex() for name in order}
    fernet = [base64.urlsafe_b64encode(hmac.digest(ring.keys[name], b"recovery codes", "sha256")) for name in order]
    return {"SECURITY_TOTP_SECRETS": totp, "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": fernet}


def _limit_attempts(app: Flask, hub: Hub) -> None:
    @app.before_request
    def refuse_after_too_many() -> tuple[str, int] | None:
        if request.endpoint in CLOSED:
            abort(404)
        if not _is_proof():
            return None
        with hub.engine.connect() as connection:
            blocked = attempts.is_blocked(connection, _scopes(hub), hub.clock())
        return (render_template("sign_in/blocked.html", minutes=_minutes()), 429) if blocked else None

    @app.after_request
    def count_failure(response: Response) -> Response:
        if _is_proof() and response.status_code in (200, 400):
            with hub.begin() as connection:
                attempts.note_failure(connection, _scopes(hub), hub.clock())
        return response


def _is_proof() -> bool:
    return request.method == "POST" and request.endpoint in PROOFS


def _scopes(hub: Hub) -> list[str]:
    """Who and where: the account, known or not, and the network address."""
    account = current_user._get_current_object()
    typed = request.form.get("email", "") if request.endpoint == "security.login" else ""
    who = typed or session.get("tf_user_id") or (account.get_id() if isinstance(account, Account) else "")
    scopes = [attempts.address_scope(hub.keys, request.remote_addr or "")]
    return [*scopes, attempts.account_scope(hub.keys, who)] if who else scopes


def _minutes() -> int:
    return int(attempts.WINDOW.total_seconds() // 60)


def _say_what_changed(app: Flask) -> None:
    """Flask-Security's own messages are switched off: these few are worth saying, in the console's words."""

    def password(_app: Flask, **_rest: Any) -> None:
        flash(_("密码改好了，其他地方的登录都已退出"), "ok")

    def second_factor(_app: Flask, **_rest: Any) -> None:
        flash(_("第二步验证已启用。再存一份恢复码，手机丢了还能登录"), "ok")

    def no_second_factor(_app: Flask, **_rest: Any) -> None:
        flash(_("第二步验证已关闭"), "warn")

    password_changed.connect(password, app, weak=False)
    tf_profile_changed.connect(second_factor, app, weak=False)
    tf_disabled.connect(no_second_factor, app, weak=False)
