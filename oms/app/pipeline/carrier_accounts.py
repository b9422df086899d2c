"""Accounts of carriers: made paused, filled in on their own page; which of them tells where parcels are."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from connectors.contract.manifest import Manifest
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import leave_trail
from oms.domain.errors import Invalid, NotFound

CARRIERS: Final = text("""
select c.id, c.code, c.name, c.tracking_account_id, a.name as account from carrier c
left join account a on a.id = c.tracking_account_id where c.kind = 'courier' order by c.rank, c.id""")


def vendors_of_carriers(hub: Hub) -> list[Manifest]:
    """Those who carry, track or give numbers."""
    found = [kind.manifest for kind in hub.vendors.values() if kind.manifest.family == "carrier"]
    return sorted(found, key=lambda manifest: manifest.vendor)


def tracking(hub: Hub, connection: Connection) -> tuple[list[AnyRow], list[AnyRow]]:
    """Carriers with the account that tells of their parcels, and the accounts that could."""
    able = [name for name, kind in hub.vendors.items() if "track" in kind.capabilities()]
    question = text("select id, name from account where family = 'carrier' and vendor = any(:able) order by name")
    return list(connection.execute(CARRIERS)), list(connection.execute(question, {"able": able}))


def add_account(hub: Hub, vendor: str, name: str, actor: str) -> int:
    """An account of a carrier, paused until its keys are filled in; answers its id."""
    connector = hub.vendors.get(vendor)
    if connector is None or connector.manifest.family != "carrier":
        raise Invalid("vendor", "there is no such service", "choose one of the list")
    if not 1 <= len(name) <= 80:
        raise Invalid("name", "a name of 1 to 80 characters is needed", "write what people will know it by")
    with hub.begin() as connection:
        rows = fetch(
            connection,
            """insert into account (family, vendor, name, state, paused_reason)
               values ('carrier', %s, %s, 'paused', %s) on conflict (name) do nothing returning id""",
            (vendor, name, "paused by hand"),
        )
        if not rows:
            raise Invalid("name", "there is an account of this name already", "choose another name")
        account_id = int(rows[0][0])
        leave_trail(hub, connection, "account_changed", actor, {"account": account_id, "field": ["vendor"]})
    return account_id


def track_by(hub: Hub, carrier_id: int, account_id: int | None, actor: str) -> None:
    """Have an account tell where a carrier's parcels are, from the next parcel on; None: nobody does."""
    with hub.begin() as connection:
        _, able = tracking(hub, connection)
        if account_id is not None and account_id not in {row.id for row in able}:
            raise Invalid("account", "this account is of another kind", "choose one of the list")
        changed = connection.execute(
            text("update carrier set tracking_account_id = :account where id = :id"),
            {"account": account_id, "id": carrier_id},
        )
        if not changed.rowcount:
            raise NotFound("there is no such carrier")
        leave_trail(hub, connection, "labels_changed", actor, {"carrier": carrier_id, "account": account_id})
    hub.masters.forget()
