"""Connecting a shop: its channel if that is missing, its account, the shop and its schedules, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.contract.families import Connector
from connectors.contract.manifest import Manifest
from oms.app.kernel.account_forms import AccountForm, addresses_in, check_form, unneeded
from oms.app.kernel.addresses import check_addresses
from oms.app.kernel.connectors import seal_secrets
from oms.app.kernel.hub import Hub
from oms.db.channels import Account, Channel, Shop, SyncSchedule, UserGroup
from oms.db.stock import StockPool
from oms.domain.errors import Invalid

#: Stream → the method that its connector must have, and how often it is pulled unless a person says otherwise.
STREAMS: Final = {"orders": ("pull_orders", 60), "cases": ("pull_cases", 300),
                  "statements": ("pull_statements", 21600)}  # fmt: skip
SHORTEST_S, LONGEST_S = 5, 86400
MODES: Final = ("observing", "live")
LONGEST_NAME = 80
CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")


@dataclass(frozen=True, slots=True)
class NewShop:
    """A shop as a person wants it; `schedules` are seconds by stream, streams left out are not pulled."""

    vendor: str
    code: str
    name: str
    account: AccountForm
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    pool_id: int | None = None
    user_group_id: int | None = None
    mode: str = "observing"
    go_live_at: datetime | None = None
    schedules: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """The ids of what was made."""

    shop_id: int
    account_id: int


def streams_of(connector: type[Connector]) -> dict[str, int]:
    """The streams a connector has, with how often each is pulled unless told otherwise, in seconds."""
    able = connector.capabilities()
    return {stream: every_s for stream, (method, every_s) in STREAMS.items() if method in able}


def connect_shop(hub: Hub, wanted: NewShop) -> Connected:
    """Make the shop; Invalid names the first field that is wrong. A second submit finds its code taken."""
    connector = hub.vendors.get(wanted.vendor)
    if connector is None or connector.manifest.family != "marketplace":
        raise Invalid("vendor", "there is no such platform", "choose one of the list")
    offered = streams_of(connector)
    schedules = offered if wanted.schedules is None else dict(wanted.schedules)
    _check(wanted, schedules, offered)
    check_form(connector.manifest, wanted.account, held=unneeded(connector))
    check_addresses(addresses_in(wanted.account), allow_private=hub.allow_private_addresses)
    with hub.begin() as connection:
        made = _make(hub, connection, connector.manifest, wanted)
        for stream, usual_s in offered.items():
            every_s = schedules.get(stream, usual_s)
            values = {"shop_id": made.shop_id, "stream": stream, "every_s": every_s, "is_enabled": stream in schedules}
            connection.execute(insert(SyncSchedule).values(**values))
    hub.masters.forget()
    hub.poke("clock")
    hub.poke("sync")
    return made


def _check(wanted: NewShop, schedules: Mapping[str, int], offered: Mapping[str, int]) -> None:
    if not CODE.fullmatch(wanted.code):
        raise Invalid(
            "code", "the shop's code must be letters, digits, - _ . only", "write a short code like TM-FLAGSHIP"
        )
    check_names(wanted.name, wanted.currency, wanted.timezone)
    if wanted.mode not in MODES:
        raise Invalid("mode", "this is no mode", "choose observing or live")
    for stream, every_s in schedules.items():
        if stream not in offered:
            raise Invalid("schedules", "the platform has no such stream", "choose one of those offered")
        if not SHORTEST_S <= every_s <= LONGEST_S:
            raise Invalid(f"every.{stream}", "pull every 5 to 86400 seconds", "60 seconds is usual")


def check_names(name: str, currency: str, timezone: str) -> None:
    """Invalid names the first that is wrong; a changed shop is checked by the same rules."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid("name", "the shop's name must be 1 to 80 characters", "write the shop's name as people know it")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Invalid("currency", "this is no currency", "write its three letters, like CNY")
    if not _is_zone(timezone):
        raise Invalid("timezone", "this is no time zone", "write it like Asia/Shanghai")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return "/" in name or name == "UTC"


def _make(hub: Hub, connection: Connection, manifest: Manifest, wanted: NewShop) -> Connected:
    check_places(connection, wanted.pool_id, wanted.user_group_id)
    shop = {
        "code": wanted.code, "name": wanted.name, "channel_id": _channel(connection, manifest), "mode": wanted.mode,
        "go_live_at": wanted.go_live_at, "currency": wanted.currency, "timezone": wanted.timezone,
        "stock_pool_id": wanted.pool_id, "user_group_id": wanted.user_group_id,
    }  # fmt: skip
    made = upsert(Shop).values(**shop).on_conflict_do_nothing(index_elements=["code"]).returning(Shop.id)
    shop_id = connection.execute(made).scalar()
    if shop_id is None:
        raise Invalid("code", "there is a shop with this code already", "look at it in the list, or choose another code")
    account_id = _account(hub, connection, manifest, wanted)
    connection.execute(Shop.__table__.update().where(Shop.id == shop_id).values(account_id=account_id))  # type: ignore[attr-defined]
    return Connected(int(shop_id), account_id)


def check_places(connection: Connection, pool_id: int | None, user_group_id: int | None) -> None:
    """Invalid names the one that is not there."""
    for field, table, id_ in (("pool_id", StockPool, pool_id), ("user_group_id", UserGroup, user_group_id)):
        if id_ is not None and connection.execute(select(table.id).where(table.id == id_)).scalar() is None:
            raise Invalid(field, "it is not there any more", "choose one of the list")


def _channel(connection: Connection, manifest: Manifest) -> int:
    """The vendor's channel, made when this is its first shop."""
    known = select(Channel.id).where(Channel.vendor == manifest.vendor).order_by(Channel.id).limit(1)
    found = connection.execute(known).scalar()
    if found is not None:
        return int(found)
    values = {
        "code": manifest.vendor, "vendor": manifest.vendor, "label_zh": manifest.label_zh,
        "label_en": manifest.label_en, "mark": manifest.mark, "platform_code": manifest.platform_code,
    }  # fmt: skip
    connection.execute(upsert(Channel).values(**values).on_conflict_do_nothing(index_elements=["code"]))
    return int(connection.execute(known).scalar_one())


def _account(hub: Hub, connection: Connection, manifest: Manifest, wanted: NewShop) -> int:
    form = wanted.account
    values = {
        "family": manifest.family, "vendor": manifest.vendor, "name": f"{manifest.label_zh} · {wanted.code}",
        "gateway": form.gateway, "relay": form.relay, "timezone": wanted.timezone, "settings": dict(form.settings),
    }  # fmt: skip
    made = upsert(Account).values(**values).on_conflict_do_nothing(index_elements=["name"]).returning(Account.id)
    account_id = connection.execute(made).scalar()
    if account_id is None:
        raise Invalid("code", "there is an account of this name already", "choose another code for the shop")
    if form.secrets:
        seal_secrets(hub, connection, int(account_id), dict(form.secrets))
    return int(account_id)
