"""Sourcing settings people edit: what a place says, revisions and history of it, transit hours by origin and destination.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020steering"
down_revision = "0019settling"
branch_labels = None
depends_on = None

SETTING = ("revision", "max_parcels", "points", "only_points", "together_lines", "together_skus", "rank_amount",
           "handling_percent", "scarcity_percent")  # fmt: skip
PLAN = ("revision", "changed_by", "changed_at", "counted_from")


def upgrade() -> None:
    """Columns of settings and plans; their history; transit hours."""
    _setting()
    _plan()
    _change()
    op.create_table(
        "transit_time",
        sa.Column("from_prefix", sa.Text(), nullable=False),
        sa.Column("to_prefix", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.CheckConstraint("hours between 1 and 2400", name=op.f("ck_transit_time_hours_bounds")),
        sa.PrimaryKeyConstraint("from_prefix", "to_prefix", name=op.f("pk_transit_time")),
    )


def _number(name: str, default: int, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind(), server_default=sa.text(str(default)), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _setting() -> None:
    ids = postgresql.ARRAY(sa.BigInteger())
    for column in (
        _number("revision", 1),
        sa.Column("max_parcels", sa.Integer(), nullable=True),
        sa.Column("points", ids, server_default=sa.text("'{}'::bigint[]"), nullable=False),
        _flag("only_points"),
        _flag("together_lines"),
        sa.Column("together_skus", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        _number("rank_amount", 1, sa.BigInteger),
        _number("handling_percent", 100),
        _number("scarcity_percent", 100),
    ):
        op.add_column("sourcing_setting", column)
    op.create_check_constraint(op.f("ck_sourcing_setting_parcels"), "sourcing_setting", "max_parcels between 1 and 20")
    op.create_check_constraint(
        op.f("ck_sourcing_setting_weights"), "sourcing_setting",
        "rank_amount >= 0 and handling_percent between 0 and 1000 and scarcity_percent between 0 and 1000",
    )  # fmt: skip


def _plan() -> None:
    for column in (
        _number("revision", 1),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("sourcing_plan", column)


def _change() -> None:
    op.create_table(
        "sourcing_change",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("subject in ('policy', 'plan')", name=op.f("ck_sourcing_change_subject_known")),
        sa.CheckConstraint("scope in ('pool', 'channel', 'shop')", name=op.f("ck_sourcing_change_scope_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_change")),
    )
    op.create_index("ix_sourcing_change_place", "sourcing_change", ["subject", "scope", "scope_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("transit_time")
    op.drop_table("sourcing_change")
    for name in reversed(PLAN):
        op.drop_column("sourcing_plan", name)
    for name in ("ck_sourcing_setting_weights", "ck_sourcing_setting_parcels"):
        op.drop_constraint(op.f(name), "sourcing_setting", type_="check")
    for name in reversed(SETTING):
        op.drop_column("sourcing_setting", name)
