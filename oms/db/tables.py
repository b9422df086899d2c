"""Imports every table so that the metadata is whole; used by migrations and tests."""

from oms.db import (
    activity,
    aftersales,
    capture,
    channels,
    completeness,
    fulfilments,
    goods,
    handling,
    joining,
    labels,
    logistics,
    orders,
    packing,
    parties,
    people,
    planning,
    promises,
    reviewing,
    rulebook,
    settlement,
    stock,
    stock_documents,
    stockroom,
    stores,
    trying,
    variants,
)
from oms.db.base import Base

MODULES = (
    activity,
    aftersales,
    capture,
    channels,
    completeness,
    fulfilments,
    goods,
    handling,
    joining,
    labels,
    logistics,
    orders,
    packing,
    parties,
    people,
    planning,
    promises,
    reviewing,
    rulebook,
    settlement,
    stock,
    stock_documents,
    stockroom,
    stores,
    trying,
    variants,
)
METADATA = Base.metadata
PARTITIONED = tuple(
    sorted(name for name, table in METADATA.tables.items() if table.dialect_options["postgresql"].get("partition_by"))
)
