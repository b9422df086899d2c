"""Bounds of reservations, and what is ordered by itself.

What was reserved before is kept as it was; orders that cannot be served let go when they are looked at again.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022keeping"
down_revision = "0021places"
branch_labels = None
depends_on = None

POOL_LEVEL = """
create view pool_level as select pool_id, sku_id, kind, cast(sum(kept) as bigint) as reserved,
  cast(sum(units) as bigint) as waiting, cast(coalesce(sum(units) filter (where reach <> 'large'), 0) as bigint) as owed
from demand_reservation group by pool_id, sku_id, kind"""
POOL_LEVEL_BEFORE = """
create view pool_level as select pool_id, sku_id, kind, cast(sum(units) as bigint) as reserved
from demand_reservation group by pool_id, sku_id, kind"""
QUEUE = "ix_demand_reservation_queue"
QUEUE_COLUMNS = ["sku_id", "pool_id", "kind", "since", "id"]


def upgrade() -> None:
    op.execute("drop view pool_level")
    _reservations()
    op.execute(POOL_LEVEL)
    op.add_column("promise_policy", sa.Column("keep_bp", sa.BigInteger(), nullable=True))
    op.add_column("promise_policy", sa.Column("large_units", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_promise_policy_keeping"), "promise_policy", "keep_bp between 0 and 10000 and large_units >= 1"
    )
    _replenish_setting()


def _reservations() -> None:
    kept = sa.Column("kept", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("demand_reservation", kept)
    op.add_column("demand_reservation", sa.Column("reach", sa.Text(), server_default=sa.text("'now'"), nullable=False))
    is_there = sa.Column("is_there", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    op.add_column("demand_reservation", is_there)
    op.execute("update demand_reservation set kept = units")
    op.create_check_constraint(
        op.f("ck_demand_reservation_kept_within"), "demand_reservation", "kept between 0 and units"
    )
    op.create_check_constraint(
        op.f("ck_demand_reservation_reach_known"), "demand_reservation", "reach in ('now', 'later', 'never', 'large')"
    )
    _queue(["units", "order_id", "kept", "reach"])


def _queue(included: list[str]) -> None:
    op.drop_index(QUEUE, table_name="demand_reservation")
    op.create_index(QUEUE, "demand_reservation", QUEUE_COLUMNS, unique=False, postgresql_include=included)


def _replenish_setting() -> None:
    op.add_column("replenish_setting", sa.Column("order_limit", sa.BigInteger(), nullable=True))
    op.add_column("replenish_setting", sa.Column("stock_point_id", sa.BigInteger(), nullable=True))
    name = sa.Column("supplier_name", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("replenish_setting", name)
    op.create_foreign_key(
        op.f("fk_replenish_setting_stock_point_id"), "replenish_setting", "stock_point", ["stock_point_id"], ["id"]
    )
    op.execute("update replenish_setting set is_ordering_itself = false")
    op.create_check_constraint(
        op.f("ck_replenish_setting_limits_orders"),
        "replenish_setting",
        "not is_ordering_itself or order_limit > 0 and stock_point_id is not null",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_replenish_setting_limits_orders"), "replenish_setting", type_="check")
    op.drop_constraint(op.f("fk_replenish_setting_stock_point_id"), "replenish_setting", type_="foreignkey")
    for column in ("supplier_name", "stock_point_id", "order_limit"):
        op.drop_column("replenish_setting", column)
    op.drop_constraint(op.f("ck_promise_policy_keeping"), "promise_policy", type_="check")
    op.drop_column("promise_policy", "large_units")
    op.drop_column("promise_policy", "keep_bp")
    op.execute("drop view pool_level")
    _queue(["units", "order_id"])
    op.drop_constraint(op.f("ck_demand_reservation_reach_known"), "demand_reservation", type_="check")
    op.drop_constraint(op.f("ck_demand_reservation_kept_within"), "demand_reservation", type_="check")
    for column in ("is_there", "reach", "kept"):
        op.drop_column("demand_reservation", column)
    op.execute(POOL_LEVEL_BEFORE)
