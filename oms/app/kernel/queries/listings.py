"""What the page of listings shows: listings of a shop with the orders they hold up, SKUs and bundles to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, literal, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from oms.app.kernel.queries.pages import AnyRow
from oms.db.goods import Bundle, Listing, Sku
from oms.db.orders import Hold, Order, OrderLine
from oms.db.stock import ListingPush

MOST = 50
#: The nameless listing that lines without numbers share is no goods of the platform.
NAMED = or_(Listing.listing_no != "", Listing.variant_no != "")
UNMATCHED = and_(Listing.sku_id.is_(None), Listing.bundle_id.is_(None), NAMED)


def unmatched(connection: Connection, shop_id: int, words: str = "", limit: int = MOST) -> Sequence[AnyRow]:
    """Unmatched listings of a shop, those that hold up most orders first, each with that number."""
    waiting = _waiting(shop_id)
    held = func.coalesce(waiting.c.orders, 0)
    statement = (
        select(Listing.__table__, held.label("orders"))
        .outerjoin(waiting, and_(waiting.c.listing_no == Listing.listing_no, waiting.c.variant_no == Listing.variant_no))
        .where(Listing.shop_id == shop_id, UNMATCHED, _about(words))
        .order_by(held.desc(), Listing.is_on_sale.desc(), Listing.id.desc())
        .limit(limit)
    )
    return connection.execute(statement).all()


def matched(connection: Connection, shop_id: int, words: str = "", limit: int = MOST) -> Sequence[AnyRow]:
    """Matched listings of a shop with what they are, the latest first."""
    code, name = func.coalesce(Sku.code, Bundle.code), func.coalesce(Sku.name, Bundle.name)
    statement = (
        select(Listing.__table__, code.label("code"), name.label("name"), ListingPush.units, ListingPush.refusal)
        .outerjoin(Sku, Sku.id == Listing.sku_id)
        .outerjoin(Bundle, Bundle.id == Listing.bundle_id)
        .outerjoin(ListingPush, ListingPush.listing_id == Listing.id)
        .where(Listing.shop_id == shop_id, or_(Sku.id.is_not(None), Bundle.id.is_not(None)), _about(words))
        .order_by(Listing.matched_at.desc().nulls_last(), Listing.id.desc())
        .limit(limit)
    )
    return connection.execute(statement).all()


def open_by_shop(connection: Connection, shop_ids: Sequence[int]) -> dict[int, int]:
    """How many listings of each shop are unmatched."""
    statement = (
        select(Listing.shop_id, func.count()).where(Listing.shop_id.in_(shop_ids), UNMATCHED).group_by(Listing.shop_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def goods_like(connection: Connection, words: str, limit: int = MOST) -> Sequence[AnyRow]:
    """SKUs and bundles whose code, name or barcode has these words; with no words the first by code."""
    sku = select(Sku.code, Sku.name, Sku.barcode, literal(False).label("is_bundle")).where(
        Sku.is_archived.is_(False), _has(words, Sku.code, Sku.name, Sku.barcode)
    )
    bundle = select(Bundle.code, Bundle.name, literal("").label("barcode"), literal(True).label("is_bundle")).where(
        _has(words, Bundle.code, Bundle.name)
    )
    both = sku.union_all(bundle).subquery()
    return connection.execute(select(both).order_by(both.c.code).limit(limit)).all()


def targets(connection: Connection, codes: Iterable[str]) -> dict[str, tuple[int | None, int | None]]:
    """SKU or bundle of each code that is one; the SKU wins where both have it."""
    wanted = list(codes)
    bundles = connection.execute(select(Bundle.code, null(), Bundle.id).where(Bundle.code.in_(wanted))).all()
    skus = connection.execute(
        select(Sku.code, Sku.id, null()).where(Sku.code.in_(wanted), Sku.is_archived.is_(False))
    ).all()
    return {row[0]: (row[1], row[2]) for row in [*bundles, *skus]}


def shops_of(connection: Connection, listing_ids: Sequence[int]) -> set[int]:
    """The shops that listings belong to."""
    return set(connection.scalars(select(Listing.shop_id).where(Listing.id.in_(listing_ids))))


def _waiting(shop_id: int) -> Subquery:
    """Open orders each listing holds up."""
    return (
        select(OrderLine.listing_no, OrderLine.variant_no, func.count(Order.id.distinct()).label("orders"))
        .join(Order, Order.id == OrderLine.order_id)
        .join(Hold, and_(Hold.order_id == Order.id, Hold.kind == "unmatched_sku", Hold.cleared_at.is_(None)))
        .where(
            Order.shop_id == shop_id, Order.status == "open", OrderLine.kind == "goods", OrderLine.is_gone.is_(False),
            OrderLine.sku_id.is_(None), OrderLine.bundle_id.is_(None),
        )
        .group_by(OrderLine.listing_no, OrderLine.variant_no)
        .subquery()
    )  # fmt: skip


def _about(words: str) -> ColumnElement[bool]:
    return _has(words, Listing.title, Listing.variant, Listing.seller_code, Listing.listing_no, Listing.variant_no)


def _has(words: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(*(column.icontains(words, autoescape=True) for column in columns))
