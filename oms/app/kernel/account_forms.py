"""Changing an account: settings in plain, secrets sealed and never read back to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, select, update

from connectors.contract.manifest import Manifest
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
    statement = select(Account.name, Account.sealed_secrets, Account.secrets_key_id).where(Account.id == account_id)
    row = connection.execute(statement.with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    kept = _open(hub, row.name, row.sealed_secrets, row.secrets_key_id)
    secrets = kept | dict(form.secrets)
    _check(manifest, form.settings, secrets, form)
    connection.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(
            settings=dict(form.settings),
            sealed_secrets=hub.keys.seal_secret(orjson.dumps(secrets), row.name),
            secrets_key_id=hub.keys.current,
            gateway=form.gateway,
            relay=form.relay,
            state="active" if form.is_active else "paused",
            paused_reason="" if form.is_active else "paused by hand",
        )
    )


def _open(hub: Hub, name: str, sealed: bytes | None, key_id: str) -> dict[str, str]:
    return {} if sealed is None else dict(orjson.loads(hub.keys.open_secret(sealed, key_id, name)))


def _check(manifest: Manifest, settings: Mapping[str, str], secrets: Mapping[str, str], form: AccountForm) -> None:
    for wanted in manifest.fields:
        value = (secrets if wanted.secret else settings).get(wanted.name, "")
        if wanted.required and not value:
            raise Invalid(wanted.label_zh, "must not be empty", f"fill in {wanted.label_en}")
    for name, address in (("gateway", form.gateway), ("relay", form.relay)):
        if address and not address.startswith(("https://", "http://")):
            raise Invalid(name, f"{address!r} is no web address", "write it with https:// in front")
