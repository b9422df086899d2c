"""Merging and splitting by rule and by hand.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012joining"
down_revision = "0011sourcing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _merge_setting()
    _joining()
    _joint_invoice()
    op.create_table(
        "apart",
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("set_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("document_id", "set_id", name=op.f("pk_apart")),
    )


def _merge_setting() -> None:
    op.create_table(
        "merge_setting",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reach", sa.Text(), nullable=True),
        sa.Column("parts", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("merges_cod", sa.Boolean(), nullable=True),
        sa.Column("merges_presale", sa.Boolean(), nullable=True),
        sa.Column("merges_split", sa.Boolean(), nullable=True),
        sa.Column("window_s", sa.BigInteger(), nullable=True),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.Column("gift_policy", sa.Text(), nullable=True),
        sa.Column("invoice_policy", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "scope in ('global', 'channel', 'shop_group', 'user_group', 'shop')",
            name=op.f("ck_merge_setting_scope_known"),
        ),
        sa.CheckConstraint("reach in ('shop', 'group', 'all')", name=op.f("ck_merge_setting_reach_known")),
        sa.CheckConstraint("gift_policy in ('keep', 'recompute')", name=op.f("ck_merge_setting_gift_policy_known")),
        sa.CheckConstraint("invoice_policy in ('sum', 'one')", name=op.f("ck_merge_setting_invoice_policy_known")),
        sa.CheckConstraint("window_s between 0 and 86400", name=op.f("ck_merge_setting_window")),
        sa.CheckConstraint("cap between 1 and 200", name=op.f("ck_merge_setting_cap")),
        sa.PrimaryKeyConstraint("scope", "scope_id", name=op.f("pk_merge_setting")),
    )


def _joining() -> None:
    op.create_table(
        "joining",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), server_default=sa.text("'rule'"), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("order_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("kind in ('merge', 'split')", name=op.f("ck_joining_kind_known")),
        sa.CheckConstraint("way in ('rule', 'hand')", name=op.f("ck_joining_way_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joining")),
    )
    op.create_index("ix_joining_fulfilment_id", "joining", ["fulfilment_id"], unique=False)
    op.create_index("ix_joining_order_ids", "joining", ["order_ids"], unique=False, postgresql_using="gin")


def _joint_invoice() -> None:
    op.create_table(
        "joint_invoice",
        sa.Column("request_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("order_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("policy in ('sum', 'one')", name=op.f("ck_joint_invoice_policy_known")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_joint_invoice")),
    )
    op.create_index("ix_joint_invoice_fulfilment_id", "joint_invoice", ["fulfilment_id"], unique=False)


def downgrade() -> None:
    op.drop_table("joint_invoice")
    op.drop_table("joining")
    op.drop_table("merge_setting")
    op.drop_table("apart")
