"""设置 · 授权: sends a shop's owner to the platform's page, takes them back, and tries accounts."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from oms.app.kernel.grants import begin_grant, finish_grant
from oms.console.context import close_connection, hub, person
from oms.console.messages import _
from oms.console.notes import note_of, say, status_of
from oms.console.rendering import now
from oms.console.security import requires
from oms.console.shops.connecting import say_report
from oms.console.shops.list import account_page, own_account
from oms.domain.errors import HubError, Invalid

pages = Blueprint("authorising", __name__, url_prefix="/settings/accounts")

LASTS = timedelta(minutes=15)
SALT = "authorisation of an account"


@pages.post("/<int:account_id>/authorise")
@requires("account.edit")
def begin(account_id: int) -> Response:
    """Go to the platform's page."""
    row = own_account(account_id)
    try:
        return redirect(begin_grant(hub(), account_id, _came_back_to(), _state_for(account_id)))
    except HubError as error:
        return make_response(account_page(row, note_of(error)), status_of(error))


@pages.get("/authorised")
@requires("account.edit")
def authorised() -> Response:
    """Take what the platform sent back; a state that is not this person's, or too old, changes nothing."""
    account_id = _account_in(request.args.get("state", ""))
    row = own_account(account_id)
    try:
        close_connection()
        finish_grant(hub(), account_id, request.args.to_dict(), _came_back_to())
    except HubError as error:
        return make_response(account_page(row, note_of(error)), status_of(error))
    say(_("账号「%(name)s」已授权", name=row.name))
    say_report(account_id)
    return redirect(url_for("shops.edit", account_id=account_id), 303)


@pages.post("/<int:account_id>/try")
@requires("account.edit")
def attempt(account_id: int) -> Response:
    """Try the account with a harmless call."""
    own_account(account_id)
    close_connection()
    say_report(account_id)
    return redirect(url_for("shops.edit", account_id=account_id), 303)


def _came_back_to() -> str:
    """Our address for the platform: the public one, else that of this request."""
    path = url_for("authorising.authorised")
    public = hub().public_url.rstrip("/")
    return f"{public}{path}" if public else url_for("authorising.authorised", _external=True)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(cast(Any, current_app.secret_key), salt=SALT)


def _state_for(account_id: int) -> str:
    return str(_signer().dumps([person().id, account_id, int(now().timestamp()), secrets.token_hex(4)]))


def _account_in(state: str) -> int:
    """The account of a state that we gave this person a short time ago."""
    remedy = _("回到账号页，再点一次「去授权」")
    try:
        person_id, account_id, at, _nonce = _signer().loads(state)
    except (BadSignature, ValueError, TypeError):
        raise Invalid("state", _("这次授权不是从这里开始的"), remedy) from None
    if person_id != person().id:
        raise Invalid("state", _("这次授权是别人开始的"), remedy)
    if not timedelta(0) <= timedelta(seconds=now().timestamp() - at) <= LASTS:
        raise Invalid("state", _("这次授权放得太久了，超过 15 分钟"), remedy)
    return int(account_id)
