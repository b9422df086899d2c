"""Settings of sourcing, plans of the batch planner, points that refused an order.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011sourcing"
down_revision = "0010promises"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three tables beside the stock pools."""
    _sourcing_setting()
    _sourcing_plan()
    _sourcing_refusal()


def _number(name: str, default: int = 0, kind: type[sa.Integer] = sa.BigInteger) -> sa.Column[int]:
    return sa.Column(name, kind(), server_default=sa.text(str(default)), nullable=False)


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'"), nullable=False)


def _flag(name: str, default: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _sourcing_setting() -> None:
    op.create_table(
        "sourcing_setting",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("policy", "whole_first"),
        _flag("ships_whole", "false"),
        _flag("splits_units", "true"),
        _number("parcel_amount", 300),
        _number("split_gain"),
        _number("gain_hours", 0, sa.Integer),
        _number("hour_amount"),
        _number("pressure_amount"),
        _number("most_refusals", 3, sa.Integer),
        _text("changed_by"),
        _moment("changed_at"),
        sa.CheckConstraint("scope in ('pool', 'channel', 'shop')", name=op.f("ck_sourcing_setting_scope_known")),
        sa.CheckConstraint(
            "policy in ('whole_first', 'cheapest', 'main_first', 'fastest')",
            name=op.f("ck_sourcing_setting_policy_known"),
        ),
        sa.CheckConstraint(
            "parcel_amount >= 0 and split_gain >= 0 and gain_hours >= 0 and hour_amount >= 0 and pressure_amount >= 0",
            name=op.f("ck_sourcing_setting_not_negative"),
        ),
        sa.CheckConstraint("most_refusals between 1 and 20", name=op.f("ck_sourcing_setting_refusals")),
        sa.PrimaryKeyConstraint("scope", "scope_id", name=op.f("pk_sourcing_setting")),
    )


def _sourcing_plan() -> None:
    op.create_table(
        "sourcing_plan",
        sa.Column("pool_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _flag("is_on", "true"),
        _number("every_min", 10, sa.Integer),
        _number("looks_back_h", 168, sa.Integer),
        _number("horizon_h", 168, sa.Integer),
        _moment("due_at"),
        _number("version"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        _number("orders"),
        _number("kinds", 0, sa.Integer),
        _number("cost"),
        _number("milliseconds", 0, sa.Integer),
        _text("error"),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "looks_back_h between 1 and 2160 and horizon_h between 1 and 2160", name=op.f("ck_sourcing_plan_hours")
        ),
        sa.CheckConstraint("every_min between 1 and 1440", name=op.f("ck_sourcing_plan_minutes")),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_sourcing_plan_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_sourcing_plan")),
    )


def _sourcing_refusal() -> None:
    op.create_table(
        "sourcing_refusal",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        _moment("at"),
        _text("words"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_refusal")),
    )
    op.create_index("ix_sourcing_refusal_order_id", "sourcing_refusal", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_table("sourcing_refusal")
    op.drop_table("sourcing_plan")
    op.drop_table("sourcing_setting")
