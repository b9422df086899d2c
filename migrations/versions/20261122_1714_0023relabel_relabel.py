"""Merging and labels, second part: undoing with numbers out, labels that are acknowledged, packages, reach of carriers.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023relabel"
down_revision = "0022keeping"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and widen those of labels."""
    _joining_undo()
    _carrier_reach()
    op.add_column("e_waybill", sa.Column("package", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("label_change", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("label_change", sa.Column("ended_by", sa.Text(), server_default=sa.text("''"), nullable=False))
    _states("state in ('asked', 'told', 'confirmed', 'refused')", "state in ('asked', 'told')")


def downgrade() -> None:
    """Drop it again; a change that waits for the warehouse counts as not confirmed."""
    op.execute("update label_change set state = 'refused', ended_at = now() where state = 'told'")
    _states("state in ('asked', 'confirmed', 'refused')", "state = 'asked'")
    op.drop_column("label_change", "ended_by")
    op.drop_column("label_change", "told_at")
    op.drop_column("e_waybill", "package")
    op.drop_table("carrier_reach")
    op.drop_table("joining_undo")


def _states(known: str, is_open: str) -> None:
    op.drop_constraint(op.f("ck_label_change_state_known"), "label_change", type_="check")
    op.create_check_constraint(op.f("ck_label_change_state_known"), "label_change", known)
    op.drop_index("uq_label_change_open", table_name="label_change")
    op.create_index("uq_label_change_open", "label_change", ["order_id"], unique=True, postgresql_where=sa.text(is_open))


def _joining_undo() -> None:
    op.create_table(
        "joining_undo",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("joining_id", sa.BigInteger(), nullable=False),
        sa.Column("fulfilment_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asked_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('asked', 'done', 'refused')", name=op.f("ck_joining_undo_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joining_undo")),
    )
    is_open = sa.text("state = 'asked'")
    op.create_index(
        "ix_joining_undo_fulfilment_ids",
        "joining_undo",
        ["fulfilment_ids"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=is_open,
    )
    op.create_index("uq_joining_undo_open", "joining_undo", ["joining_id"], unique=True, postgresql_where=is_open)


def _carrier_reach() -> None:
    op.create_table(
        "carrier_reach",
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('wanted', 'yes', 'no', 'unknown')", name=op.f("ck_carrier_reach_state_known")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_carrier_reach_carrier_id")),
        sa.PrimaryKeyConstraint("carrier_id", "division_code", "place", name=op.f("pk_carrier_reach")),
    )
    op.create_index(
        "ix_carrier_reach_due_at",
        "carrier_reach",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'wanted'"),
    )
