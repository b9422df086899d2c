"""What pages show of pushing stock: a shop's switch, how its rounds go, and the levels its platform refused."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from oms.app.kernel.queries.pages import AnyRow
from oms.db.goods import Listing
from oms.db.stock import ListingPush, StockPush

MOST = 50


def push_by_shop(connection: Connection, shop_ids: Sequence[int]) -> dict[int, AnyRow]:
    """The switch and state of shops that ever had one, with how many levels are accepted and refused."""
    refused = func.count(ListingPush.listing_id).filter(ListingPush.refusal != "").label("refused")
    accepted = func.count(ListingPush.units).label("accepted")
    counts = (
        select(Listing.shop_id, refused, accepted)
        .join(ListingPush, ListingPush.listing_id == Listing.id)
        .where(Listing.shop_id.in_(shop_ids))
        .group_by(Listing.shop_id)
        .subquery()
    )
    statement = (
        select(
            StockPush.__table__,
            func.coalesce(counts.c.refused, 0).label("refused"),
            func.coalesce(counts.c.accepted, 0).label("accepted"),
        )
        .outerjoin(counts, counts.c.shop_id == StockPush.shop_id)
        .where(StockPush.shop_id.in_(shop_ids))
    )
    return {row.shop_id: row for row in connection.execute(statement)}


def refused_levels(connection: Connection, shop_id: int, limit: int = MOST) -> Sequence[AnyRow]:
    """Listings whose units the platform refused last, the latest first."""
    statement = (
        select(Listing.id, Listing.title, Listing.variant, Listing.listing_no, Listing.variant_no, ListingPush.__table__)
        .join(ListingPush, ListingPush.listing_id == Listing.id)
        .where(Listing.shop_id == shop_id, ListingPush.refusal != "")
        .order_by(ListingPush.tried_at.desc().nulls_last(), Listing.id)
        .limit(limit)
    )
    return connection.execute(statement).all()
