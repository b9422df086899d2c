"""API keys as people see them: making one no stronger than its maker, listing, revoking. Never the keys themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import select

from oms.app.kernel.api_keys import make_key, revoke_key
from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.db.people import ApiKey
from oms.domain.errors import Forbidden, Invalid, NotFound

LONGEST_NAME: Final = 80
SHOWN: Final = 200
#: Stands for shops to come: who may do something there may do it everywhere.
EVERY_SHOP: Final = 0


class Maker(Protocol):
    """Who makes a key."""

    @property
    def actor(self) -> str:
        """How the trail names them."""
        ...

    def allows(self, permission: str, shop_id: int | None = None) -> bool:
        """Whether they may do this themselves."""
        ...


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key: its number, and the key itself, which is shown once."""

    id: int
    key: str


def issue_key(hub: Hub, maker: Maker, name: str, permissions: Collection[str], shop_ids: Sequence[int]) -> Issued:
    """Make a key for some shops, or every shop when none is named; Forbidden when it could do more than its maker."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid("name", "the key's name must be 1 to 80 characters", "name the system that will use it")
    if not permissions:
        raise Invalid("role", "the key would open nothing", "choose what it may do")
    for permission in permissions:
        for shop_id in shop_ids or (EVERY_SHOP,):
            if not maker.allows(permission, shop_id):
                raise Forbidden("a key cannot do more than its maker", "ask an administrator for the key")
    with hub.begin() as connection:
        key_id, key = make_key(connection, name, permissions, list(shop_ids) or None)
        for shop_id in shop_ids or (EVERY_SHOP,):
            leave_trail(hub, connection, "key_made", maker.actor, {"shop": shop_id, "key": key_id, "name": name})
    return Issued(key_id, key)


def end_key(hub: Hub, maker: Maker, key_id: int, permission: str) -> None:
    """Revoke a key for good; NotFound when it reaches a shop that the person's permission does not."""
    with hub.begin() as connection:
        row = connection.execute(select(ApiKey.name, ApiKey.shop_ids).where(ApiKey.id == key_id)).one_or_none()
        if row is None or not reaches(maker, permission, row.shop_ids) or not revoke_key(connection, key_id, hub.clock()):
            raise NotFound("there is no such key in force", "look at the list again")
        for shop_id in row.shop_ids or (EVERY_SHOP,):
            leave_trail(hub, connection, "key_revoked", maker.actor, {"shop": shop_id, "key": key_id, "name": row.name})


def list_keys(hub: Hub, maker: Maker, permission: str) -> list[Any]:
    """Keys whose shops this person's permission reaches, newest first, those in force before the revoked."""
    columns = [column for column in ApiKey.__table__.c if column.name != "key_hash"]
    question = select(*columns).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc()).limit(SHOWN)
    with hub.engine.connect() as connection:
        return [row for row in connection.execute(question) if reaches(maker, permission, row.shop_ids)]


def reaches(maker: Maker, permission: str, shop_ids: Sequence[int] | None) -> bool:
    """Whether a permission holds in all shops of a key; None are all shops, those to come, too."""
    return all(maker.allows(permission, shop_id) for shop_id in (shop_ids or (EVERY_SHOP,)))
