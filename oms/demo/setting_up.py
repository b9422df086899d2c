"""Sets a fresh hub up over its database, as an administrator would by hand; running it again changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from oms.app.kernel.hub import Hub
from oms.console.sign_in.accounts import ensure_user
from oms.db.channels import Account
from oms.demo.goods import write_goods
from oms.demo.masters import Sandbox, write_masters

ADMIN = "admin@example.com"
#: Colleagues of the demo besides the administrator: address, role, name.
COLLEAGUES = (
    ("lead@example.com", "ops_lead", "运营主管 小林"),
    ("finance@example.com", "finance", "财审 小周"),
    ("night@example.com", "finance", "晚班财审 小吴"),
    ("service@example.com", "customer_service", "客服 小何"),
    ("clerk@example.com", "store_clerk", "店员 小唐"),
)


@dataclass(frozen=True, slots=True)
class Ready:
    """What the set-up made; the warehouse twin must report to `callback_url`, `reviewer` acts as finance."""

    shop_id: int
    callback_url: str
    email: str
    password: str
    reviewer: str


def set_up(
    hub: Hub,
    sandbox: Sandbox,
    items: Sequence[Mapping[str, Any]],
    home: Path,
    *,
    merge_window_s: int,
    has_shortage: bool = False,
) -> Ready:
    """Write masters, goods and people; the password is kept in OMS_HOME for the next start."""
    with hub.begin() as connection:
        shop_id = write_masters(hub, connection, sandbox, merge_window_s=merge_window_s)
        write_goods(hub, connection, items, has_shortage=has_shortage)
        token = connection.scalar(select(Account.push_token).where(Account.vendor == "qimen"))
    hub.masters.forget()
    password = _password(home)
    ensure_user(hub, ADMIN, password, "admin", "管理员")
    colleagues = {email: ensure_user(hub, email, password, role, name) for email, role, name in COLLEAGUES}
    callback_url = f"{hub.public_url.rstrip('/')}/hooks/warehouses/qimen/{token}"
    hub.poke("clock")
    return Ready(shop_id, callback_url, ADMIN, password, reviewer=f"user:{colleagues['finance@example.com']}")


def _password(home: Path) -> str:
    """The demo's one password: drawn at the first start, read again later."""
    place = home / "keys" / "demo-password"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(mode=0o600)
        place.write_text(f"demo-{secrets.token_urlsafe(9)}\n", "utf-8")
    return place.read_text("utf-8").strip()
