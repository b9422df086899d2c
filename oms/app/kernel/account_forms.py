"""Changing an account: settings in plain, secrets sealed and never read back to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from connectors.contract.manifest import Manifest
from oms.app.kernel.connectors import seal_secrets
from oms.app.kernel.hub import Hub
from oms.db.channels import Account
from oms.domain.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What a person typed; secrets hold only those to change."""

    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    gateway: str = ""
    relay: str = ""
    is_active: bool = True


def save_account(hub: Hub, connection: Connection, account_id: int, manifest: Manifest, form: AccountForm) -> None:
    """Store an account; Invalid names the first field that is missing."""
    row = connection.execute(
        select(Account.sealed_secrets.is_not(None)).where(Account.id == account_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    _check(manifest, form, has_secrets=row[0])
    connection.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(
            settings=dict(form.settings),
            gateway=form.gateway,
            relay=form.relay,
            state="active" if form.is_active else "paused",
            paused_reason="" if form.is_active else "paused by hand",
        )
    )
    if form.secrets:
        seal_secrets(hub, connection, account_id, dict(form.secrets))


def _check(manifest: Manifest, form: AccountForm, *, has_secrets: bool) -> None:
    for wanted in manifest.fields:
        typed = (form.secrets if wanted.secret else form.settings).get(wanted.name, "")
        if wanted.required and not typed and not (wanted.secret and has_secrets):
            raise Invalid(wanted.label_zh, "must not be empty", f"fill in {wanted.label_en}")
    for name, address in (("gateway", form.gateway), ("relay", form.relay)):
        if address and not address.startswith(("https://", "http://")):
            raise Invalid(name, f"{address!r} is no web address", "write it with https:// in front")
