"""Stores: delivery notes, collection, tasks, notices to buyers.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015stores"
down_revision = "0014labels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _shop_stores()
    _store_profile()
    _order_delivery()
    _store_parcel()
    _store_receipt()
    _store_act()
    _arrival_finding()
    _store_photo()
    _transfer_parcel()
    _geocode_kept()
    _buyer_notice()
    _open_documents()


def _shop_stores() -> None:
    op.create_table(
        "shop_stores",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("finds_by", sa.Text(), server_default=sa.text("'location'"), nullable=False),
        sa.Column("tells_at", sa.Text(), server_default=sa.text("'ready'"), nullable=False),
        sa.Column("geocoder_account_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("finds_by in ('location', 'list', 'hand')", name=op.f("ck_shop_stores_finds_by_known")),
        sa.CheckConstraint("tells_at in ('ready', 'handed_over')", name=op.f("ck_shop_stores_tells_at_known")),
        sa.ForeignKeyConstraint(["geocoder_account_id"], ["account.id"], name=op.f("fk_shop_stores_geocoder_account_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_stores_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_shop_stores")),
    )


def _store_profile() -> None:
    op.create_table(
        "store_profile",
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("email", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hands_out", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("delivers", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ready_min", sa.Integer(), server_default=sa.text("60"), nullable=False),
        sa.Column("overdue_days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column("divisions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.CheckConstraint("overdue_days between 1 and 90", name=op.f("ck_store_profile_days")),
        sa.CheckConstraint("ready_min between 1 and 10080", name=op.f("ck_store_profile_minutes")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_store_profile_stock_point_id")),
        sa.PrimaryKeyConstraint("stock_point_id", name=op.f("pk_store_profile")),
    )


def _order_delivery() -> None:
    op.create_table(
        "order_delivery",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=True),
        sa.Column("wanted_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("chosen_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("found_with", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "refused_points", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False
        ),
        sa.Column("promise_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "chosen_by in ('', 'platform', 'location', 'list', 'hand')", name=op.f("ck_order_delivery_chosen_by_known")
        ),
        sa.CheckConstraint("leg in ('pickup', 'delivery')", name=op.f("ck_order_delivery_leg_known")),
        sa.CheckConstraint(
            "mode in ('store_pickup', 'store_delivery', 'unified')", name=op.f("ck_order_delivery_mode_known")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_delivery")),
    )
    op.create_index(
        "ix_order_delivery_unplaced",
        "order_delivery",
        ["shop_id"],
        unique=False,
        postgresql_where=sa.text("stock_point_id is null"),
    )
    op.create_index(
        "ix_order_delivery_waiting",
        "order_delivery",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at is not null"),
    )


def _store_parcel() -> None:
    op.create_table(
        "store_parcel",
        sa.Column("parcel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("from_point_id", sa.BigInteger(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("shelf", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("code_no", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("code_hash", postgresql.BYTEA(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("leg in ('pickup', 'delivery')", name=op.f("ck_store_parcel_leg_known")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_store_parcel_tries")),
        sa.ForeignKeyConstraint(["from_point_id"], ["stock_point.id"], name=op.f("fk_store_parcel_from_point_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_store_parcel_parcel_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_store_parcel_stock_point_id")),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_store_parcel")),
    )
    op.create_index(
        "ix_store_parcel_open",
        "store_parcel",
        ["stock_point_id"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index("ix_store_parcel_order_id", "store_parcel", ["order_id"], unique=False)


def _store_receipt() -> None:
    op.create_table(
        "store_receipt",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_store_receipt_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_receipt")),
        sa.UniqueConstraint("stock_point_id", "key", name=op.f("uq_store_receipt_stock_point_id_key")),
    )
    op.create_index("ix_store_receipt_order_id", "store_receipt", ["order_id"], unique=False)


def _store_act() -> None:
    op.create_table(
        "store_act",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint(
            "document in ('fulfilment', 'parcel', 'note', 'transfer')", name=op.f("ck_store_act_document_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_act")),
        sa.UniqueConstraint("stock_point_id", "key", name=op.f("uq_store_act_stock_point_id_key")),
    )
    op.create_index("ix_store_act_document", "store_act", ["document", "document_id"], unique=False)


def _arrival_finding() -> None:
    op.create_table(
        "arrival_finding",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("delivery_note_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("resolution", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("kind in ('missing', 'damaged')", name=op.f("ck_arrival_finding_kind_known")),
        sa.CheckConstraint(
            "resolution in ('', 'found', 'lost', 'accepted', 'sent_back')",
            name=op.f("ck_arrival_finding_resolution_known"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_note_id"], ["delivery_note.id"], name=op.f("fk_arrival_finding_delivery_note_id")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_arrival_finding_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_finding")),
        sa.UniqueConstraint("delivery_note_id", "parcel_id", name=op.f("uq_arrival_finding_delivery_note_id_parcel_id")),
    )
    op.create_index(
        "ix_arrival_finding_open",
        "arrival_finding",
        ["at"],
        unique=False,
        postgresql_where=sa.text("resolved_at is null"),
    )


def _store_photo() -> None:
    op.create_table(
        "store_photo",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("body", postgresql.BYTEA(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_store_photo_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_photo")),
    )
    op.create_index("ix_store_photo_parcel_id", "store_photo", ["parcel_id"], unique=False)


def _transfer_parcel() -> None:
    op.create_table(
        "transfer_parcel",
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("result", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.CheckConstraint(
            "result in ('open', 'received', 'missing', 'damaged')", name=op.f("ck_transfer_parcel_result_known")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_transfer_parcel_parcel_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_parcel_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", "parcel_id", name=op.f("pk_transfer_parcel")),
        sa.UniqueConstraint("parcel_id", name=op.f("uq_transfer_parcel_parcel_id")),
    )


def _geocode_kept() -> None:
    op.create_table(
        "geocode_kept",
        sa.Column("address_blind", postgresql.BYTEA(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("level", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("address_blind", name=op.f("pk_geocode_kept")),
    )


def _buyer_notice() -> None:
    op.create_table(
        "buyer_notice",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), server_default=sa.text("'buyer'"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("after_min", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("audience in ('buyer', 'store')", name=op.f("ck_buyer_notice_audience_known")),
        sa.CheckConstraint(
            "event in ('ready', 'out', 'overdue_soon', 'overdue', 'handed_over', 'refused', 'new_task')",
            name=op.f("ck_buyer_notice_event_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_buyer_notice_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buyer_notice")),
        sa.UniqueConstraint(
            "shop_id", "event", "audience", "account_id", name=op.f("uq_buyer_notice_shop_id_event_audience_account_id")
        ),
    )


def _open_documents() -> None:
    op.create_index(
        "ix_delivery_note_open",
        "delivery_note",
        ["from_point_id", "to_point_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_transfer_return_open",
        "transfer",
        ["from_point_id", "to_point_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open' and kind = 'return'"),
    )


def downgrade() -> None:
    op.drop_index("ix_transfer_return_open", table_name="transfer")
    op.drop_index("ix_delivery_note_open", table_name="delivery_note")
    for table in (
        "buyer_notice",
        "geocode_kept",
        "transfer_parcel",
        "store_photo",
        "arrival_finding",
        "store_act",
        "store_receipt",
        "store_parcel",
        "order_delivery",
        "store_profile",
        "shop_stores",
    ):
        op.drop_table(table)
