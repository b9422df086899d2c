"""Reservations with a place in the queue, quotas by place, oversell policy, sales by day, replenishment.

The counter pool_level becomes a view over the reservations: it was never written beside them, and now cannot differ.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010promises"
down_revision = "0009stock"
branch_labels = None
depends_on = None

#: Nothing has written these three tables yet; holders' reservations, if somebody made any by hand, end with them.
BEFORE = ("pool_level", "demand_reservation", "stock_quota")
POOL_LEVEL = """
create view pool_level as select pool_id, sku_id, kind, cast(sum(units) as bigint) as reserved
from demand_reservation group by pool_id, sku_id, kind"""


def upgrade() -> None:
    for table in BEFORE:
        op.drop_table(table)
    _demand_reservation()
    op.execute(POOL_LEVEL)
    _stock_freed()
    _promise_policy()
    _stock_quota()
    _quota_use()
    _presale_listing()
    _sku_day()
    _replenish_setting()
    _replenish_proposal()


def _demand_reservation() -> None:
    op.create_table(
        "demand_reservation",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("holder", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(order_id is null) = (holder <> '')", name=op.f("ck_demand_reservation_one_claimant")),
        sa.CheckConstraint("kind in ('good', 'presale')", name=op.f("ck_demand_reservation_kind_known")),
        sa.CheckConstraint("units > 0", name=op.f("ck_demand_reservation_units_positive")),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_demand_reservation_pool_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_demand_reservation_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_reservation")),
        sa.UniqueConstraint("order_id", "sku_id", "kind", name=op.f("uq_demand_reservation_order_id_sku_id_kind")),
    )
    op.create_index(
        "ix_demand_reservation_expires",
        "demand_reservation",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at is not null"),
    )
    op.create_index(
        "ix_demand_reservation_queue",
        "demand_reservation",
        ["sku_id", "pool_id", "kind", "since", "id"],
        unique=False,
        postgresql_include=["units", "order_id"],
    )
    op.create_index(
        "uq_demand_reservation_holder",
        "demand_reservation",
        ["holder", "reference", "sku_id"],
        unique=True,
        postgresql_where=sa.text("order_id is null"),
    )


def _stock_freed() -> None:
    op.create_table(
        "stock_freed",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_freed")),
    )
    op.create_index("ix_stock_freed_sku", "stock_freed", ["sku_id"], unique=False)


def _promise_policy() -> None:
    op.create_table(
        "promise_policy",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unpaid_minutes", sa.BigInteger(), nullable=True),
        sa.Column("short_hours", sa.BigInteger(), nullable=True),
        sa.Column("backorder_units", sa.BigInteger(), nullable=True),
        sa.Column("last_units", sa.BigInteger(), nullable=True),
        sa.Column("late_fine", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "unpaid_minutes >= 0 and short_hours >= 0 and backorder_units >= 0 and last_units >= 0 and late_fine >= 0",
            name=op.f("ck_promise_policy_not_negative"),
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_promise_policy_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "shop_id", name=op.f("pk_promise_policy")),
    )


def _stock_quota() -> None:
    op.create_table(
        "stock_quota",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("exclusive", sa.BigInteger(), nullable=True),
        sa.Column("ratio_bp", sa.BigInteger(), nullable=True),
        sa.Column("threshold", sa.BigInteger(), nullable=True),
        sa.Column("threshold_units", sa.BigInteger(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("(scope = 'global') = (scope_id = 0)", name=op.f("ck_stock_quota_global_has_no_place")),
        sa.CheckConstraint(
            "exclusive is null or exclusive >= 0 and scope <> 'global' and sku_id <> 0",
            name=op.f("ck_stock_quota_exclusive"),
        ),
        sa.CheckConstraint("scope in ('global', 'channel', 'shop')", name=op.f("ck_stock_quota_scope_known")),
        sa.CheckConstraint("ratio_bp between 0 and 10000", name=op.f("ck_stock_quota_ratio")),
        sa.CheckConstraint("threshold >= 0 and threshold_units >= 0", name=op.f("ck_stock_quota_threshold")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_quota")),
        sa.UniqueConstraint("scope", "scope_id", "sku_id", name=op.f("uq_stock_quota_scope_scope_id_sku_id")),
    )
    op.create_index("ix_stock_quota_sku", "stock_quota", ["sku_id"], unique=False, postgresql_where=sa.text("is_enabled"))


def _quota_use() -> None:
    op.create_table(
        "quota_use",
        sa.Column("quota_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_quota_use_units_positive")),
        sa.ForeignKeyConstraint(["quota_id"], ["stock_quota.id"], name=op.f("fk_quota_use_quota_id"), ondelete="cascade"),
        sa.PrimaryKeyConstraint("quota_id", "order_id", name=op.f("pk_quota_use")),
    )
    op.create_index("ix_quota_use_order", "quota_use", ["order_id"], unique=False)


def _presale_listing() -> None:
    op.create_table(
        "presale_listing",
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_presale_listing_listing_id")),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_presale_listing")),
    )


def _sku_day() -> None:
    op.create_table(
        "sku_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("late_orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("day", "shop_id", "sku_id", name=op.f("pk_sku_day")),
    )
    op.create_index("ix_sku_day_sku", "sku_day", ["sku_id", "day"], unique=False)


def _replenish_setting() -> None:
    op.create_table(
        "replenish_setting",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_watched", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("lead_days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column("cover_days", sa.Integer(), server_default=sa.text("14"), nullable=False),
        sa.Column("look_back_days", sa.Integer(), server_default=sa.text("28"), nullable=False),
        sa.Column("multiple", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("least_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("user_group_id", sa.BigInteger(), nullable=True),
        sa.Column("is_ordering_itself", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "lead_days between 0 and 365 and cover_days between 1 and 365 and multiple >= 1 and least_units >= 0 and look_back_days between 3 and 180",
            name=op.f("ck_replenish_setting_sane"),
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_replenish_setting_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "sku_id", name=op.f("pk_replenish_setting")),
    )


def _replenish_proposal() -> None:
    op.create_table(
        "replenish_proposal",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("daily_milli", sa.BigInteger(), nullable=False),
        sa.Column("free", sa.BigInteger(), nullable=False),
        sa.Column("backlog", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("incoming", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("cover_days", sa.Integer(), nullable=False),
        sa.Column("days_left", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ordered_units", sa.BigInteger(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'ordered', 'dismissed', 'gone')", name=op.f("ck_replenish_proposal_state_known")
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_replenish_proposal_units_positive")),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_replenish_proposal_pool_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_replenish_proposal_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenish_proposal")),
    )
    op.create_index(
        "uq_replenish_proposal_open",
        "replenish_proposal",
        ["pool_id", "sku_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.execute("drop view pool_level")
    for table in (
        "replenish_proposal",
        "replenish_setting",
        "sku_day",
        "presale_listing",
        "quota_use",
        "stock_quota",
        "promise_policy",
        "stock_freed",
        "demand_reservation",
    ):
        op.drop_table(table)
    _reservation_before()
    _quota_before()


def _reservation_before() -> None:
    op.create_table(
        "demand_reservation",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("holder", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("units > 0", name=op.f("ck_demand_reservation_units_positive")),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_demand_reservation_pool_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_demand_reservation_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_reservation")),
        sa.UniqueConstraint("demand_id", name=op.f("uq_demand_reservation_demand_id")),
    )
    op.create_index(
        "ix_demand_reservation_expires",
        "demand_reservation",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at is not null"),
    )
    op.create_index("ix_demand_reservation_order_id", "demand_reservation", ["order_id"], unique=False)


def _quota_before() -> None:
    op.create_table(
        "pool_level",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_pool_level_never_below_zero")),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_pool_level_pool_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_pool_level_sku_id")),
        sa.PrimaryKeyConstraint("pool_id", "sku_id", "kind", name=op.f("pk_pool_level")),
    )
    op.create_table(
        "stock_quota",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind in ('exclusive', 'ratio', 'threshold')", name=op.f("ck_stock_quota_kind_known")),
        sa.PrimaryKeyConstraint("shop_id", "sku_id", "kind", name=op.f("pk_stock_quota")),
    )
