"""Changing an account: settings in plain, secrets sealed and never read back to a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, select, update

from connectors.contract.families import Connector
from connectors.contract.manifest import Manifest
from oms.app.kernel.addresses import check_addresses
from oms.app.kernel.authorisation import can_be_granted
from oms.app.kernel.connectors import held_secrets, seal_secrets
from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import differing, leave_trail
from oms.db.channels import Account
from oms.domain.errors import Invalid, NotFound

#: Secrets that the owner's authorisation brings, so that nobody need type them in.
GRANTED: Final = frozenset({"access_token", "refresh_token", "session"})


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What a person typed; secrets hold only those to change."""

    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    gateway: str = ""
    relay: str = ""
    is_active: bool = True


def change_account(
    hub: Hub, account_id: int, manifest: Manifest, form: AccountForm, actor: str = "system"
) -> tuple[str, ...]:
    """Store an account that a person has edited, in a transaction of its own; answers the names of what changed.

    Invalid names the first field that is missing, or whose address is new and may not be called.
    """
    with hub.engine.connect() as connection:
        stored = connection.execute(
            select(Account.gateway, Account.relay, Account.settings, Account.state).where(Account.id == account_id)
        ).one_or_none()
    held = {} if stored is None else {**stored.settings, "gateway": stored.gateway, "relay": stored.relay}
    was_active = stored is None or stored.state == "active"
    changed = {name: at for name, at in addresses_in(form).items() if held.get(name) != at}
    check_addresses(changed, allow_private=hub.allow_private_addresses)
    wanted = {**form.settings, "gateway": form.gateway, "relay": form.relay}
    named = {*differing({name: held.get(name, "") for name in wanted}, wanted), *form.secrets}
    fields = tuple(sorted(named if form.is_active == was_active else {*named, "is_active"}))
    with hub.begin() as connection:
        save_account(hub, connection, account_id, manifest, form)
        if fields:
            leave_trail(hub, connection, "account_changed", actor, {"account": account_id, "field": list(fields)})
    hub.masters.forget()
    hub.poke("sync")
    return fields


def addresses_in(form: AccountForm) -> dict[str, str]:
    """Field → address, for everything in a form that the hub may call."""
    typed = {name: value for name, value in form.settings.items() if "://" in value}
    return typed | {name: at for name, at in (("gateway", form.gateway), ("relay", form.relay)) if at}


def unneeded(connector: type[Connector]) -> frozenset[str]:
    """Secrets that nobody need type in for this vendor."""
    return GRANTED if can_be_granted(connector) else frozenset()


def save_account(hub: Hub, connection: Connection, account_id: int, manifest: Manifest, form: AccountForm) -> None:
    """Store an account; Invalid names the first field that is missing."""
    row = connection.execute(select(Account.settings).where(Account.id == account_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    check_form(manifest, form, held=held_secrets(hub, connection, account_id) | unneeded(hub.vendors[manifest.vendor]))
    drawn = {field.name for field in manifest.fields}
    granted = {name: value for name, value in row[0].items() if name not in drawn}  # What an authorisation brought.
    connection.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(
            settings=granted | dict(form.settings),
            gateway=form.gateway,
            relay=form.relay,
            state="active" if form.is_active else "paused",
            paused_reason="" if form.is_active else "paused by hand",
        )
    )
    if form.secrets:
        seal_secrets(hub, connection, account_id, dict(form.secrets))


def check_form(manifest: Manifest, form: AccountForm, *, held: Collection[str] = ()) -> None:
    """Invalid names the first field that is missing, unless it is held, or is no web address; none is looked up."""
    for wanted in manifest.fields:
        typed = (form.secrets if wanted.secret else form.settings).get(wanted.name, "")
        if wanted.required and not typed and wanted.name not in held:
            raise Invalid(wanted.label_zh, "must not be empty", f"fill in {wanted.label_en}")
    for name, address in (("gateway", form.gateway), ("relay", form.relay)):
        if address and not address.startswith(("https://", "http://")):
            raise Invalid(name, f"{address!r} is no web address", "write it with https:// in front")
