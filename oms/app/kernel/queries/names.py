"""Names that every screen shows beside ids: shops with their channel marks, stock points, carriers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from oms.db.channels import Channel, Shop
from oms.db.logistics import Carrier
from oms.db.people import User
from oms.db.stock import StockPoint


@dataclass(frozen=True, slots=True)
class ShopName:
    """A shop as lists show it."""

    id: int
    name: str
    mark: str
    channel_zh: str
    channel_en: str
    channel_id: int
    account_id: int | None
    mode: str


class Shops:
    """A few shops by id, in the order of their names."""

    def __init__(self, shops: Iterable[ShopName]) -> None:
        self._by_id = {shop.id: shop for shop in shops}

    def __iter__(self) -> Iterator[ShopName]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, shop_id: object) -> bool:
        return shop_id in self._by_id

    def get(self, shop_id: int | None) -> ShopName | None:
        """A shop, None when it is not among them."""
        return self._by_id.get(shop_id) if shop_id is not None else None

    @property
    def ids(self) -> list[int]:
        """Their ids, for `= any(…)`."""
        return list(self._by_id)


def load_shops(connection: Connection) -> Shops:
    """Every shop with its channel."""
    statement = (
        select(
            Shop.id,
            Shop.name,
            Channel.mark,
            Channel.label_zh,
            Channel.label_en,
            Shop.channel_id,
            Shop.account_id,
            Shop.mode,
        )
        .join(Channel, Channel.id == Shop.channel_id)
        .order_by(Shop.name, Shop.id)
    )
    return Shops(ShopName(*row) for row in connection.execute(statement))


def stock_point_names(connection: Connection) -> dict[int, str]:
    """Stock point id → name."""
    return dict(connection.execute(select(StockPoint.id, StockPoint.name)).all())


def carrier_names(connection: Connection) -> dict[int, str]:
    """Carrier id → name."""
    return dict(connection.execute(select(Carrier.id, Carrier.name)).all())


def people_names(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """User id → display name, else their sign-in name."""
    wanted = list(ids)
    if not wanted:
        return {}
    statement = select(User.id, User.display_name, User.email).where(User.id.in_(wanted))
    return {id_: name or email for id_, name, email in connection.execute(statement)}
