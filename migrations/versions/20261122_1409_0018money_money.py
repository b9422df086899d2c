"""Collections, balances, remittances, settlement prices.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018money"
down_revision = "0017variants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remittance",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("fees", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("total >= 0 and fees >= 0", name=op.f("ck_remittance_not_negative")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_remittance_carrier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("carrier_id", "reference", name=op.f("uq_remittance_carrier_id_reference")),
    )
    op.create_table(
        "remittance_line",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("remittance_id", sa.BigInteger(), nullable=False),
        sa.Column("waybill_no", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("settled_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "result in ('matched', 'differs', 'unknown', 'repeated', 'not_due', 'accepted')",
            name=op.f("ck_remittance_line_result_known"),
        ),
        sa.CheckConstraint("amount >= 0 and fee >= 0", name=op.f("ck_remittance_line_not_negative")),
        sa.ForeignKeyConstraint(["remittance_id"], ["remittance.id"], name=op.f("fk_remittance_line_remittance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance_line")),
        sa.UniqueConstraint("remittance_id", "waybill_no", name=op.f("uq_remittance_line_remittance_id_waybill_no")),
    )
    op.create_index(
        "uq_remittance_line_paid",
        "remittance_line",
        ["parcel_id"],
        unique=True,
        postgresql_where=sa.text("result in ('matched', 'accepted') and parcel_id is not null"),
    )
    op.create_index(
        "ix_remittance_line_open",
        "remittance_line",
        ["id"],
        postgresql_where=sa.text("result in ('differs', 'unknown', 'repeated', 'not_due')"),
    )
    op.create_index(
        "ix_parcel_collecting", "parcel", ["delivered_at", "id"], postgresql_where=sa.text("collect_amount > 0")
    )


def downgrade() -> None:
    op.drop_index("ix_parcel_collecting", table_name="parcel")
    op.drop_table("remittance_line")
    op.drop_table("remittance")
