"""Following parcels, deadlines, what buyers see.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016following"
down_revision = "0015stores"
branch_labels = None
depends_on = None


SCOPES = "scope in ('global', 'channel', 'shop_group', 'user_group', 'shop')"


def upgrade() -> None:
    op.create_table(
        "deadline_setting",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("warn_minutes", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("warn_group_id", sa.BigInteger(), nullable=True),
        sa.Column("fine_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("fine_bp", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fine_least", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("fine_most", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(SCOPES, name=op.f("ck_deadline_setting_scope_known")),
        sa.CheckConstraint(
            "fine_bp between 0 and 10000 and fine_amount >= 0 and fine_least >= 0",
            name=op.f("ck_deadline_setting_fine_sane"),
        ),
        sa.CheckConstraint(
            "fine_most is null or fine_most >= fine_least", name=op.f("ck_deadline_setting_fine_most_sane")
        ),
        sa.PrimaryKeyConstraint("scope", "scope_id", name=op.f("pk_deadline_setting")),
    )
    op.create_table(
        "deadline_pause",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("scope", sa.Text(), server_default=sa.text("'global'"), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached", sa.BigInteger(), server_default=sa.text("0"), nullable=True),
        sa.CheckConstraint(SCOPES, name=op.f("ck_deadline_pause_scope_known")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_deadline_pause_ends_later")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_pause")),
    )
    op.create_index("ix_deadline_pause_ends_at", "deadline_pause", ["ends_at"])
    op.create_index("ix_deadline_pause_moving", "deadline_pause", ["id"], postgresql_where=sa.text("reached is not null"))
    op.create_table(
        "status_page",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("contact", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_status_page_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_status_page")),
    )
    op.create_index(
        "uq_return_receipt_parcel",
        "return_receipt",
        ["fulfilment_id", "waybill_no"],
        unique=True,
        postgresql_where=sa.text("case_id is null"),
    )
    _let_receipts_be_withdrawn()
    op.create_index("ix_return_receipt_line_receipt", "return_receipt_line", ["return_receipt_id"])
    op.create_index(
        "ix_return_receipt_open",
        "return_receipt",
        ["id"],
        postgresql_where=sa.text("status not in ('put_away', 'lost', 'withdrawn')"),
    )


STATES = "'expected', 'announced', 'arrived', 'inspected', 'put_away', 'lost'"


def _let_receipts_be_withdrawn() -> None:
    op.drop_constraint(op.f("ck_return_receipt_status_known"), "return_receipt")
    op.create_check_constraint(
        op.f("ck_return_receipt_status_known"), "return_receipt", f"status in ({STATES}, 'withdrawn')"
    )


def downgrade() -> None:
    op.execute("update return_receipt set status = 'lost' where status = 'withdrawn'")
    op.drop_constraint(op.f("ck_return_receipt_status_known"), "return_receipt")
    op.create_check_constraint(op.f("ck_return_receipt_status_known"), "return_receipt", f"status in ({STATES})")
    op.drop_index("ix_return_receipt_open", table_name="return_receipt")
    op.drop_index("ix_return_receipt_line_receipt", table_name="return_receipt_line")
    op.drop_index("uq_return_receipt_parcel", table_name="return_receipt")
    op.drop_table("status_page")
    op.drop_table("deadline_pause")
    op.drop_table("deadline_setting")
