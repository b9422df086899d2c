"""Planned orders looked at again, and ways of sourcing tried over open orders.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017variants"
down_revision = "0016following"
branch_labels = None
depends_on = None

ID = sa.text("nextval('id_seq')")
NOW = sa.text("now()")
ZERO, NOTHING, EMPTY = sa.text("0"), sa.text("''"), sa.text("'{}'::jsonb")
MOMENT, OBJECT = sa.DateTime(timezone=True), postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _replan_setting()
    _replan()
    _routing_variant()
    _variant_trial()
    _variant_trial_change()


def _replan_setting() -> None:
    op.create_table(
        "replan_setting",
        sa.Column("pool_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("least_amount", sa.BigInteger(), server_default=ZERO, nullable=False),
        sa.Column("every_min", sa.Integer(), server_default=sa.text("10"), nullable=False),
        sa.Column("quiet_min", sa.Integer(), server_default=sa.text("60"), nullable=False),
        sa.Column("due_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("reached", sa.BigInteger(), server_default=ZERO, nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("changed_at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("least_amount >= 0", name=op.f("ck_replan_setting_amount_not_negative")),
        sa.CheckConstraint(
            "every_min between 1 and 1440 and quiet_min between 0 and 10080", name=op.f("ck_replan_setting_minutes")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_replan_setting_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_replan_setting")),
    )


def _replan() -> None:
    op.create_table(
        "replan",
        sa.Column("id", sa.BigInteger(), server_default=ID, nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parcels", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=ZERO, nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.CheckConstraint("kind in ('moved', 'exchanged', 'gave_way')", name=op.f("ck_replan_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replan")),
    )
    op.create_index("ix_replan_order_id", "replan", ["order_id", "at"], unique=False)
    op.create_index("ix_replan_pool_id", "replan", ["pool_id", "at"], unique=False)


def _routing_variant() -> None:
    op.create_table(
        "routing_variant",
        sa.Column("id", sa.BigInteger(), server_default=ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("changes", OBJECT, server_default=EMPTY, nullable=False),
        sa.Column("created_by", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("changed_at", MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_variant")),
        sa.UniqueConstraint("name", name=op.f("uq_routing_variant_name")),
    )


def _variant_trial() -> None:
    op.create_table(
        "variant_trial",
        sa.Column("id", sa.BigInteger(), server_default=ID, nullable=False),
        sa.Column("variants", OBJECT, nullable=False),
        sa.Column("question", OBJECT, server_default=EMPTY, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=ZERO, nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=ZERO, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("figures", OBJECT, nullable=True),
        sa.Column("error", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("created_by", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'running', 'done', 'failed', 'stopped')", name=op.f("ck_variant_trial_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant_trial")),
    )
    op.create_index(
        "ix_variant_trial_waiting",
        "variant_trial",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )


def _variant_trial_change() -> None:
    op.create_table(
        "variant_trial_change",
        sa.Column("trial_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", OBJECT, server_default=EMPTY, nullable=False),
        sa.Column("after", OBJECT, server_default=EMPTY, nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=ZERO, nullable=False),
        sa.Column("parcels", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["variant_trial.id"], name=op.f("fk_variant_trial_change_trial_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("trial_id", "side", "order_id", name=op.f("pk_variant_trial_change")),
    )


def downgrade() -> None:
    op.drop_table("variant_trial_change")
    op.drop_index("ix_variant_trial_waiting", table_name="variant_trial")
    op.drop_table("variant_trial")
    op.drop_table("routing_variant")
    op.drop_table("replan")
    op.drop_table("replan_setting")
