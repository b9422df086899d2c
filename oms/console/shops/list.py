"""设置 · 店铺: shops and the accounts they use; the form is drawn from the connector's manifest."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from connectors.contract.manifest import Manifest
from oms.app.kernel.account_forms import AccountForm, change_account, unneeded
from oms.app.kernel.authorisation import can_be_granted
from oms.app.kernel.connectors import held_secrets
from oms.app.kernel.queries import settings as queries
from oms.app.kernel.queries.pages import AnyRow
from oms.console.context import actor, close_connection, connection, everywhere, hub, person, shops
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("shops", __name__, url_prefix="/settings")


@pages.get("/shops")
@requires("shop.view")
def listing() -> str:
    """Shops with their accounts, and the accounts of warehouses and carriers."""
    mine = shops("shop.view")
    rows = [row for row in queries.shops_with_accounts(connection()) if row.id in mine]
    return render_template(
        "settings/shops.html",
        rows=rows,
        others=queries.other_accounts(connection()),
        manifests=manifests(),
        may_connect=anywhere("shop.edit"),
    )


@pages.get("/accounts/<int:account_id>")
@requires("account.edit")
def edit(account_id: int) -> str:
    """The form of an account; its secrets are never shown."""
    return account_page(own_account(account_id))


@pages.post("/accounts/<int:account_id>")
@requires("account.edit")
def save(account_id: int) -> Response:
    """Save an account; a secret left empty stays as it is."""
    row = own_account(account_id)
    manifest = manifests().get(row.vendor)
    if manifest is None:
        abort(404)
    try:
        sent = read_form(manifest, request.form)
        close_connection()
        change_account(hub(), account_id, manifest, sent, actor())
    except HubError as error:
        return make_response(account_page(row, note_of(error), request.form), status_of(error))
    say(_("账号「%(name)s」已保存，下一次调用就用新的", name=row.name))
    return back(url_for("shops.edit", account_id=account_id))


def read_form(manifest: Manifest, form: Mapping[str, str]) -> AccountForm:
    """What was typed, split into settings and secrets."""
    typed = {field.name: form.get(f"field.{field.name}", "").strip() for field in manifest.fields}
    secret = {field.name for field in manifest.fields if field.secret}
    return AccountForm(
        settings={name: value for name, value in typed.items() if name not in secret},
        secrets={name: value for name, value in typed.items() if name in secret and value},
        gateway=form.get("gateway", "").strip(),
        relay=form.get("relay", "").strip(),
        is_active="is_active" in form,
    )


def manifests() -> dict[str, Manifest]:
    """Vendor → manifest, of every connector there is."""
    return {vendor: connector.manifest for vendor, connector in hub().vendors.items()}


def own_account(account_id: int) -> AnyRow:
    """The account, when it belongs to a shop of the person or to no shop at all."""
    row = queries.account(connection(), account_id)
    if row is None:
        abort(404)
    users = {shop.id for shop in shops("order.view") if shop.account_id == account_id}
    allowed = users & set(shops("account.edit").ids) if users else everywhere("account.edit")
    if not allowed:
        abort(403)
    return row


def account_page(row: AnyRow, note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    """The page of an account, with a note and what was typed when it was refused."""
    connector = hub().vendors.get(row.vendor)
    granted = connector is not None and can_be_granted(connector)
    if granted:
        g.console_leads_to = "https: http:" if hub().allow_private_addresses else "https:"
    return render_template(
        "settings/account.html", row=row, manifest=connector.manifest if connector else None, note=note,
        typed=typed or {}, granted=granted, free=unneeded(connector) if connector else (),
        secrets=held_secrets(hub(), connection(), row.id),
        users=[shop for shop in shops("shop.view") if shop.account_id == row.id],
    )  # fmt: skip


def anywhere(permission: str) -> bool:
    """Whether the person may use a permission in shops to come, too: shop 0 is nobody's own."""
    return person().allows(permission, 0)
