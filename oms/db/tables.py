"""Imports every table so that the metadata is whole; used by migrations and tests."""

from oms.db import (
    activity,
    aftersales,
    capture,
    channels,
    completeness,
    fulfilments,
    goods,
    logistics,
    orders,
    parties,
    people,
    rulebook,
    settlement,
    stock,
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
    logistics,
    orders,
    parties,
    people,
    rulebook,
    settlement,
    stock,
)
METADATA = Base.metadata
PARTITIONED = tuple(
    sorted(name for name, table in METADATA.tables.items() if table.dialect_options["postgresql"].get("partition_by"))
)
