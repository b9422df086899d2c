"""E-waybills: settings, numbers and what is left of them; refusals of carriers; label changes; parcels asked after.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014labels"
down_revision = "0013packing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _e_waybill_setting()
    _e_waybill()
    _e_waybill_stock()
    _carrier_refusal()
    _label_change()
    _parcel_look()


def downgrade() -> None:
    """Drop them again, the last first."""
    for table in (
        "parcel_look",
        "label_change",
        "carrier_refusal",
        "e_waybill_stock",
        "e_waybill",
        "e_waybill_setting",
    ):
        op.drop_table(table)


def _e_waybill_setting() -> None:
    op.create_table(
        "e_waybill_setting",
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("sender_phone", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("district", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("town", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("template_url", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "terms", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("low_at", sa.Integer(), server_default=sa.text("200"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_e_waybill_setting_account_id")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_e_waybill_setting_carrier_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_e_waybill_setting_stock_point_id")),
        sa.PrimaryKeyConstraint("stock_point_id", "carrier_id", name=op.f("pk_e_waybill_setting")),
    )


def _e_waybill() -> None:
    op.create_table(
        "e_waybill",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waybill_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("parent_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sealed_print", postgresql.BYTEA(), nullable=True),
        sa.Column("prints", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("got_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('asked', 'got', 'used', 'cancelling', 'cancelled', 'wasted', 'refused')",
            name=op.f("ck_e_waybill_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_e_waybill")),
        sa.UniqueConstraint("key", name=op.f("uq_e_waybill_key")),
    )
    op.create_index("ix_e_waybill_fulfilment_id", "e_waybill", ["fulfilment_id"], unique=False)
    op.create_index(
        "ix_e_waybill_open",
        "e_waybill",
        ["state", "id"],
        unique=False,
        postgresql_where=sa.text("state in ('asked', 'got', 'cancelling')"),
    )
    op.create_index(
        "ix_e_waybill_waybill_no", "e_waybill", ["waybill_no"], unique=False, postgresql_where=sa.text("waybill_no <> ''")
    )


def _e_waybill_stock() -> None:
    op.create_table(
        "e_waybill_stock",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("numbers", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_e_waybill_stock_account_id")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_e_waybill_stock_carrier_id")),
        sa.PrimaryKeyConstraint("account_id", "carrier_id", name=op.f("pk_e_waybill_stock")),
    )
    op.create_index("ix_e_waybill_stock_due_at", "e_waybill_stock", ["due_at"], unique=False)


def _carrier_refusal() -> None:
    op.create_table(
        "carrier_refusal",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_carrier_refusal_carrier_id")),
        sa.PrimaryKeyConstraint("order_id", "carrier_id", name=op.f("pk_carrier_refusal")),
    )


def _label_change() -> None:
    op.create_table(
        "label_change",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("what", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("was_key", postgresql.BYTEA(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('asked', 'confirmed', 'refused')", name=op.f("ck_label_change_state_known")),
        sa.CheckConstraint("way in ('direct', 'update', 'renew')", name=op.f("ck_label_change_way_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_change")),
    )
    op.create_index("ix_label_change_order_id", "label_change", ["order_id"], unique=False)
    op.create_index(
        "uq_label_change_open", "label_change", ["order_id"], unique=True, postgresql_where=sa.text("state = 'asked'")
    )


def _parcel_look() -> None:
    op.create_table(
        "parcel_look",
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warning", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "warning in ('', 'no_scan', 'no_news', 'long_out', 'not_collected')",
            name=op.f("ck_parcel_look_warning_known"),
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_look_parcel_id")),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_parcel_look")),
    )
    op.create_index("ix_parcel_look_due_at", "parcel_look", ["due_at"], unique=False)
    op.create_index(
        "ix_parcel_look_warning", "parcel_look", ["warned_at"], unique=False, postgresql_where=sa.text("warning <> ''")
    )
