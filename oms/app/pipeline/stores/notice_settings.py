"""Which notices are sent: to buyers and stores by an account, to the merchant in the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.families import Marketplace
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.app.pipeline.stores.notices import writes_mail
from oms.db.bulk import psycopg_connection
from oms.db.stores import AUDIENCES, EVENTS
from oms.domain.errors import Invalid

PLATFORMS: Final = """select distinct a.vendor from shop s join account a on a.id = s.account_id
where s.mode <> 'closed' and (s.id = %s or %s = 0)"""
WRITE: Final = """
insert into buyer_notice (shop_id, event, audience, account_id, user_group_id, template, words, after_min, is_on)
values (%(shop_id)s, %(event)s, %(audience)s, %(account_id)s, %(team_id)s, %(template)s, %(words)s, %(after_min)s,
  %(is_on)s) on conflict (shop_id, event, audience, account_id, user_group_id) do update set
  template = excluded.template, words = excluded.words, after_min = excluded.after_min, is_on = excluded.is_on"""


def save_notice(hub: Hub, actor: str, told: Mapping[str, Any]) -> None:
    """Keep a template: one of a shop (0: every shop), event, audience and account or team; it is sent only while on."""
    if told["event"] not in EVENTS or told["audience"] not in AUDIENCES:
        raise Invalid("event", "this is none of the choices", "choose one of the list")
    values = {"team_id": None, **told}
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        if values["audience"] == "merchant":
            values["account_id"] = None
            _check_merchants(connection, values)
        else:
            values["team_id"] = None
            _check_sent(hub, connection, values)
        cursor.execute(WRITE, values)
        seen = {name: values[name] for name in ("event", "audience", "is_on")}
        leave_trail(hub, connection, "buyer_notice_changed", actor, {"shop": values["shop_id"], **seen})


def _check_merchants(connection: Connection, told: Mapping[str, Any]) -> None:
    if told["event"] == "overdue_soon" or told["after_min"]:
        raise Invalid("after_min", "the merchant is told at once, in the console", "choose another event, and no delay")
    team = told["team_id"]
    if team is not None and not fetch(connection, "select 1 from user_group where id = %s", (team,)):
        raise Invalid("team", "there is no such team", "choose one of the list")


def _check_sent(hub: Hub, connection: Connection, told: Mapping[str, Any]) -> None:
    if told["is_on"] and not told["template"]:
        raise Invalid("template", "a template is needed", "write the vendor's code, or a mail's subject")
    question = "select vendor from account where id = %s and family = 'notifier'"
    rows = fetch(connection, question, (told["account_id"],))
    if not rows:
        raise Invalid("account", "this account is of another kind", "choose one of the list")
    if told["is_on"] and told["audience"] == "buyer" and writes_mail(hub, rows[0][0]):
        _require_mail_addresses(hub, connection, told["shop_id"])


def _require_mail_addresses(hub: Hub, connection: Connection, shop_id: int) -> None:
    """Most platforms tell no mail address of their buyers: such a notice would never reach anybody."""
    vendors = [hub.vendors.get(row[0]) for row in fetch(connection, PLATFORMS, (shop_id, shop_id))]
    if not any(vendor is not None and issubclass(vendor, Marketplace) and vendor.tells_email for vendor in vendors):
        words = "no platform of these shops tells the mail addresses of its buyers"
        raise Invalid("account", words, "choose an account that sends to phones")
