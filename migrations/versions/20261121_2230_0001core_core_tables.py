"""core tables

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001core"
down_revision = None
branch_labels = None
depends_on = None

PARTITIONED = ("change_feed", "decision", "event", "parcel_event", "raw_document", "stock_movement")

ALLOCATION = """
create view allocation as
select l.id as fulfilment_line_id, l.demand_id, l.order_id, f.stock_point_id, l.sku_id,
       l.planned - l.shipped - l.short - l.cancelled as units
from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id
where f.status not in ('shipped', 'cancelled', 'merged', 'refused', 'closed_short')
  and l.planned > l.shipped + l.short + l.cancelled
"""


class Xid8(sa.types.UserDefinedType):
    """A 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_):
        return "xid8"


def upgrade() -> None:
    op.execute("create sequence id_seq increment by 1000")
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("paused_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("gateway", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("relay", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'Asia/Shanghai'"), nullable=False),
        sa.Column(
            "settings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("sealed_secrets", postgresql.BYTEA(), nullable=True),
        sa.Column("secrets_key_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("calls_per_second", sa.Double(), nullable=True),
        sa.Column("push_token", sa.Text(), server_default=sa.text("gen_random_uuid()::text"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('active', 'paused')", name=op.f("ck_account_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("push_token", name=op.f("uq_account_push_token")),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("count", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('open', 'closed')", name=op.f("ck_alert_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_alert_kind_subject")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("shop_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_table(
        "audit_root",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("root", postgresql.BYTEA(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_root")),
    )
    op.create_table(
        "blacklist_entry",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blind", postgresql.BYTEA(), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hits", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("kind in ('phone', 'address', 'buyer')", name=op.f("ck_blacklist_entry_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blacklist_entry")),
        sa.UniqueConstraint("kind", "blind", name=op.f("uq_blacklist_entry_kind_blind")),
    )
    op.create_table(
        "bundle",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
        sa.UniqueConstraint("code", name=op.f("uq_bundle_code")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), server_default=sa.text("'platform'"), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("order_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("goods", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("money", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("remedy", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("outcome", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("level", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("platform_state", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("platform_status", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("platform_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phase", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("asked_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("agreed_amount", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("liability", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("return_point_id", sa.BigInteger(), nullable=True),
        sa.Column("return_carrier", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("return_waybill", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "goods in ('none', 'awaiting_buyer', 'on_the_way', 'arrived', 'inspected', 'sent_back')",
            name=op.f("ck_cases_goods_known"),
        ),
        sa.CheckConstraint(
            "kind in ('refund', 'return', 'exchange', 'repair', 'reship', 'other')", name=op.f("ck_cases_kind_known")
        ),
        sa.CheckConstraint("money in ('none', 'due', 'submitted', 'paid', 'failed')", name=op.f("ck_cases_money_known")),
        sa.CheckConstraint(
            "origin in ('platform', 'hub', 'store', 'distributor', 'buyer')", name=op.f("ck_cases_origin_known")
        ),
        sa.CheckConstraint(
            "outcome in ('open', 'succeeded', 'closed', 'withdrawn')", name=op.f("ck_cases_outcome_known")
        ),
        sa.CheckConstraint("remedy in ('none', 'to_ship', 'shipped')", name=op.f("ck_cases_remedy_known")),
        sa.CheckConstraint("review in ('waiting', 'agreed', 'refused')", name=op.f("ck_cases_review_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("shop_id", "origin", "external_no", name=op.f("uq_cases_shop_id_origin_external_no")),
    )
    op.create_index(
        "ix_cases_open", "cases", ["respond_by", "id"], unique=False, postgresql_where=sa.text("outcome = 'open'")
    )
    op.create_index("ix_cases_order_id", "cases", ["order_id"], unique=False)
    op.create_index(
        "ix_cases_unlinked",
        "cases",
        ["shop_id", "order_no"],
        unique=False,
        postgresql_where=sa.text("order_id is null"),
    )
    op.create_table(
        "change_feed",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("month", "xid", "id", name=op.f("pk_change_feed")),
        postgresql_partition_by="RANGE (month)",
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("platform_code", sa.Text(), server_default=sa.text("'OTHER'"), nullable=False),
        sa.Column("ship_hours_paid", sa.Integer(), server_default=sa.text("24"), nullable=False),
        sa.Column("ship_hours_cod", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("nick", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=True),
        sa.Column("member_level", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone_blind", postgresql.BYTEA(), nullable=True),
        sa.Column("joined_to_id", sa.BigInteger(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("channel_id", "external_id", name=op.f("uq_customer_channel_id_external_id")),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_table(
        "decision",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("rule_set_version_id", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("matched", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("facts", postgresql.BYTEA(), nullable=True),
        sa.Column("choices", postgresql.BYTEA(), nullable=True),
        sa.Column("engine", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("input_hash", postgresql.BYTEA(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", "order_id", "id", name=op.f("pk_decision")),
        postgresql_partition_by="RANGE (month)",
    )
    op.create_table(
        "delivery_note",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("from_point_id", sa.BigInteger(), nullable=False),
        sa.Column("to_point_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('open', 'sent', 'received', 'closed')", name=op.f("ck_delivery_note_status_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_note")),
    )
    op.create_table(
        "discount_share",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("promotion_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_share")),
    )
    op.create_index("ix_discount_share_order_id", "discount_share", ["order_id"], unique=False)
    op.create_table(
        "division",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("is_pseudo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_index("ix_division_parent_code", "division", ["parent_code", "name"], unique=False)
    op.create_table(
        "emergency_stop",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("releasing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_per_minute", sa.BigInteger(), nullable=True),
        sa.Column("released", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("released_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scope in ('all', 'shop', 'stock_point', 'carrier')", name=op.f("ck_emergency_stop_scope_known")
        ),
        sa.CheckConstraint(
            "release_per_minute is null or release_per_minute > 0", name=op.f("ck_emergency_stop_per_minute_positive")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_stop")),
    )
    op.create_index(
        "ix_emergency_stop_open",
        "emergency_stop",
        ["scope"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "event",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("month", "order_id", "id", name=op.f("pk_event")),
        postgresql_partition_by="RANGE (month)",
    )
    op.create_table(
        "fulfilment",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stop", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("lead_order_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("mode", sa.Text(), server_default=sa.text("'courier'"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'sale'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("merge_key", postgresql.BYTEA(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("order_count", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("goods_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("freight_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("collect_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_cod", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_split", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_sealed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("warehouse_ref", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("warehouse_step", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ship_by", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "mode in ('courier', 'store_pickup', 'store_delivery', 'unified', 'virtual')",
            name=op.f("ck_fulfilment_mode_known"),
        ),
        sa.CheckConstraint(
            "status in ('planned', 'sending', 'sent', 'accepted', 'part_shipped', 'shipped', 'on_hold', 'stopping', 'cancelled', 'merged', 'refused', 'closed_short')",
            name=op.f("ck_fulfilment_status_known"),
        ),
        sa.CheckConstraint("stop in ('none', 'asked', 'stopped', 'too_late')", name=op.f("ck_fulfilment_stop_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfilment")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_fulfilment_lead_order_id", "fulfilment", ["lead_order_id"], unique=False)
    op.create_index(
        "ix_fulfilment_live",
        "fulfilment",
        ["stock_point_id", "status"],
        unique=False,
        postgresql_where=sa.text("status not in ('shipped', 'cancelled', 'merged', 'closed_short')"),
    )
    op.create_index(
        "ix_fulfilment_merge",
        "fulfilment",
        ["merge_key"],
        unique=False,
        postgresql_where=sa.text("merge_key is not null and status = 'planned'"),
    )
    op.create_index(
        "ix_fulfilment_merged_into_id",
        "fulfilment",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=True),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("clears", sa.Text(), server_default=sa.text("'either'"), nullable=False),
        sa.Column("lifted_with", sa.Text(), server_default=sa.text("'order.lift_hold'"), nullable=False),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("placed_by", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("clear_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("clears in ('auto', 'person', 'either')", name=op.f("ck_hold_clears_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(
        "ix_hold_open", "hold", ["order_id", "kind"], unique=False, postgresql_where=sa.text("cleared_at is null")
    )
    op.create_index("ix_hold_order_id", "hold", ["order_id"], unique=False)
    op.create_table(
        "interception",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asked_by", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column("case_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("order_line_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint(
            "state in ('asked', 'received', 'succeeded', 'failed', 'expired', 'withdrawn')",
            name=op.f("ck_interception_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interception")),
    )
    op.create_index("ix_interception_fulfilment_id", "interception", ["fulfilment_id"], unique=False)
    op.create_index(
        "ix_interception_open",
        "interception",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index("ix_interception_order_id", "interception", ["order_id"], unique=False)
    op.create_index(
        "ix_interception_unacknowledged",
        "interception",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("state in ('failed', 'expired') and acknowledged_by = ''"),
    )
    op.create_table(
        "invoice_request",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("medium", sa.Text(), server_default=sa.text("'electronic'"), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'asked'"), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('asked', 'submitted', 'issued', 'failed', 'reversed')",
            name=op.f("ck_invoice_request_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_request")),
    )
    op.create_index("ix_invoice_request_order_id", "invoice_request", ["order_id"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "merge_group",
        sa.Column("merge_key", postgresql.BYTEA(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asks_platform", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("merge_key", name=op.f("pk_merge_group")),
    )
    op.create_index("ix_merge_group_due_at", "merge_group", ["due_at"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), server_default=sa.text("'platform'"), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("source_order_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("platform_state", sa.Text(), nullable=False),
        sa.Column("platform_status", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("platform_holds", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("paid_total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("presentment_currency", sa.Text(), nullable=True),
        sa.Column("presentment_total", sa.BigInteger(), nullable=True),
        sa.Column("rate_at_capture", sa.Double(), nullable=True),
        sa.Column("is_cod", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_presale", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_sealed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("keeps_together", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("owner", sa.Text(), server_default=sa.text("'own'"), nullable=False),
        sa.Column("fulfiller", sa.Text(), server_default=sa.text("'us'"), nullable=False),
        sa.Column("has_memo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_message", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("flag", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("division_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("receiver_key", postgresql.BYTEA(), nullable=True),
        sa.Column("is_masked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ship_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collect_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tiers_waiting", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tiers_passed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("assigned_to", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "origin in ('platform', 'distributor', 'pos', 'manual', 'exchange', 'reship')",
            name=op.f("ck_orders_origin_known"),
        ),
        sa.CheckConstraint("owner in ('own', 'agent', 'distributor')", name=op.f("ck_orders_owner_known")),
        sa.CheckConstraint("review in ('none', 'waiting', 'passed', 'sent_back')", name=op.f("ck_orders_review_known")),
        sa.CheckConstraint("status in ('unpaid', 'open', 'completed', 'cancelled')", name=op.f("ck_orders_status_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("shop_id", "origin", "external_no", name=op.f("uq_orders_shop_id_origin_external_no")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_orders_customer", "orders", ["customer_id"], unique=False)
    op.create_index(
        "ix_orders_ready", "orders", ["ready_at"], unique=False, postgresql_where=sa.text("ready_at is not null")
    )
    op.create_index("ix_orders_recent", "orders", ["ordered_at", "id"], unique=False)
    op.create_index(
        "ix_orders_review",
        "orders",
        ["ship_by", "id"],
        unique=False,
        postgresql_where=sa.text("phase = 'review' and status in ('unpaid', 'open')"),
    )
    op.create_index(
        "ix_orders_work",
        "orders",
        ["phase", "ordered_at", "id"],
        unique=False,
        postgresql_where=sa.text("status in ('unpaid', 'open')"),
    )
    op.create_table(
        "outbound",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=True),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=True),
        sa.Column("carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lookups", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'unknown', 'done', 'refused', 'stuck', 'void')",
            name=op.f("ck_outbound_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound")),
        sa.UniqueConstraint("key", name=op.f("uq_outbound_key")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_outbound_due",
        "outbound",
        ["account_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at is not null"),
    )
    op.create_index("ix_outbound_fulfilment_id", "outbound", ["fulfilment_id"], unique=False)
    op.create_index(
        "ix_outbound_open",
        "outbound",
        ["state", "id"],
        unique=False,
        postgresql_where=sa.text("state not in ('done', 'void')"),
    )
    op.create_index(
        "ix_outbound_order_id",
        "outbound",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("order_id is not null"),
    )
    op.create_table(
        "outbound_attempt",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("outbound_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("milliseconds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_attempt")),
    )
    op.create_index("ix_outbound_attempt_outbound_id", "outbound_attempt", ["outbound_id"], unique=False)
    op.create_table(
        "parcel_event",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("month", "parcel_id", "id", name=op.f("pk_parcel_event")),
        postgresql_partition_by="RANGE (month)",
    )
    op.create_table(
        "parked_record",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("data_key_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("content_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("field", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'parked'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state in ('parked', 'resolved', 'discarded')", name=op.f("ck_parked_record_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_record")),
        sa.UniqueConstraint("shop_id", "kind", "external_no", name=op.f("uq_parked_record_shop_id_kind_external_no")),
    )
    op.create_index(
        "ix_parked_record_open",
        "parked_record",
        ["last_at"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "kind in ('online', 'deposit', 'balance', 'cod', 'store')", name=op.f("ck_payment_kind_known")
        ),
        sa.CheckConstraint("state in ('due', 'paid', 'forfeited', 'refunded')", name=op.f("ck_payment_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_order_id", "payment", ["order_id"], unique=False)
    op.create_table(
        "pending_reference",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claim", sa.BigInteger(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "kind", "external_no", name=op.f("pk_pending_reference")),
    )
    op.create_index("ix_pending_reference_due", "pending_reference", ["shop_id", "due_at"], unique=False)
    op.create_table(
        "push_message",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("data_key_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state in ('new', 'done', 'failed')", name=op.f("ck_push_message_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_message")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_push_message_account_id_key")),
    )
    op.create_index(
        "ix_push_message_due", "push_message", ["due_at"], unique=False, postgresql_where=sa.text("state = 'new'")
    )
    op.create_index(
        "ix_push_message_failed",
        "push_message",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_push_message_number", "push_message", ["number"], unique=False, postgresql_where=sa.text("number <> ''")
    )
    op.create_table(
        "raw_document",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data_key_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("content_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", "shop_id", "external_no", "id", name=op.f("pk_raw_document")),
        postgresql_partition_by="RANGE (month)",
    )
    op.create_table(
        "receiver",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("is_masked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("country", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("division_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("city", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("district", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("blind_key_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone_blind", postgresql.BYTEA(), nullable=True),
        sa.Column("phone_tail_blind", postgresql.BYTEA(), nullable=True),
        sa.Column("name_blind", postgresql.BYTEA(), nullable=True),
        sa.Column("address_blind", postgresql.BYTEA(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_receiver")),
    )
    op.create_index(
        "ix_receiver_address",
        "receiver",
        ["address_blind"],
        unique=False,
        postgresql_where=sa.text("address_blind is not null"),
    )
    op.create_index(
        "ix_receiver_name",
        "receiver",
        ["name_blind"],
        unique=False,
        postgresql_where=sa.text("name_blind is not null"),
    )
    op.create_index(
        "ix_receiver_phone",
        "receiver",
        ["phone_blind"],
        unique=False,
        postgresql_where=sa.text("phone_blind is not null"),
    )
    op.create_index(
        "ix_receiver_phone_tail",
        "receiver",
        ["phone_tail_blind"],
        unique=False,
        postgresql_where=sa.text("phone_tail_blind is not null"),
    )
    op.create_table(
        "refused_push",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "reason", "day", name=op.f("pk_refused_push")),
    )
    op.create_table(
        "review_decision",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("invalidated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invalidated_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "verdict in ('passed', 'sent_back', 'revoked', 'forced')", name=op.f("ck_review_decision_verdict_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_index("ix_review_decision_order_id", "review_decision", ["order_id"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label_zh", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("label_en", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), server_default=sa.text("'global'"), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("copied_from_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "scope in ('global', 'channel', 'shop_group', 'user_group', 'shop')", name=op.f("ck_rule_set_scope_known")
        ),
        sa.CheckConstraint(
            "stage in ('fetch', 'preprocess', 'review', 'merge', 'route', 'carrier', 'intercept', 'aftersales', 'gift', 'sla')",
            name=op.f("ck_rule_set_stage_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("stage", "scope", "scope_id", name=op.f("uq_rule_set_stage_scope_scope_id")),
    )
    op.create_table(
        "seen_key",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_seen_key")),
    )
    op.create_table(
        "shop_group",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("merges_across", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_group")),
        sa.UniqueConstraint("code", name=op.f("uq_shop_group_code")),
    )
    op.create_table(
        "sku",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("category", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("base_unit", sa.Text(), server_default=sa.text("'piece'"), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("size_class", sa.Text(), server_default=sa.text("'small'"), nullable=False),
        sa.Column("is_virtual", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_archived", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("base_unit in ('piece', 'gram')", name=op.f("ck_sku_base_unit_known")),
        sa.CheckConstraint("size_class in ('small', 'medium', 'large')", name=op.f("ck_sku_size_class_known")),
        sa.CheckConstraint("weight_g >= 0 and volume_cm3 >= 0", name=op.f("ck_sku_measures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sku")),
        sa.UniqueConstraint("code", name=op.f("uq_sku_code")),
    )
    op.create_table(
        "stock_movement",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document_kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("month", "stock_point_id", "sku_id", "id", name=op.f("pk_stock_movement")),
        postgresql_partition_by="RANGE (month)",
    )
    op.create_table(
        "stock_pool",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("split_policy", sa.Text(), server_default=sa.text("'whole_first'"), nullable=False),
        sa.Column("main_point_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_pool")),
        sa.UniqueConstraint("code", name=op.f("uq_stock_pool_code")),
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
    op.create_table(
        "stored_setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "value", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stored_setting")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'return'"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("from_point_id", sa.BigInteger(), nullable=False),
        sa.Column("to_point_id", sa.BigInteger(), nullable=False),
        sa.Column("waybill_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('return', 'restock')", name=op.f("ck_transfer_kind_known")),
        sa.CheckConstraint("status in ('open', 'sent', 'received', 'closed')", name=op.f("ck_transfer_status_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_table(
        "user_group",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_group")),
        sa.UniqueConstraint("code", name=op.f("uq_user_group_code")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("display_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_ip", sa.Text(), nullable=True),
        sa.Column("current_login_ip", sa.Text(), nullable=True),
        sa.Column("login_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tf_primary_method", sa.Text(), nullable=True),
        sa.Column("tf_totp_secret", sa.Text(), nullable=True),
        sa.Column("tf_phone_number", sa.Text(), nullable=True),
        sa.Column("mf_recovery_codes", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("locale", sa.Text(), server_default=sa.text("'zh'"), nullable=False),
        sa.Column("theme", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_users_fs_uniquifier")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "work_count",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_count")),
    )
    op.create_table(
        "bundle_part",
        sa.Column("bundle_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_bundle_part_units_positive")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_bundle_part_weight_not_negative")),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_part_bundle_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_bundle_part_sku_id")),
        sa.PrimaryKeyConstraint("bundle_id", "sku_id", name=op.f("pk_bundle_part")),
    )
    op.create_table(
        "call_budget",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_call_budget_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_call_budget")),
    )
    op.create_table(
        "carrier",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'courier'"), nullable=False),
        sa.Column("rank", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("allows_cod", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("tracking_account_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind in ('courier', 'clerk')", name=op.f("ck_carrier_kind_known")),
        sa.ForeignKeyConstraint(["tracking_account_id"], ["account.id"], name=op.f("fk_carrier_tracking_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier")),
        sa.UniqueConstraint("code", name=op.f("uq_carrier_code")),
    )
    op.create_table(
        "case_line",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("sku_id", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("exchange_sku_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("units >= 0 and amount >= 0 and received >= 0", name=op.f("ck_case_line_not_negative")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_line_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_line")),
    )
    op.create_index("ix_case_line_case_id", "case_line", ["case_id"], unique=False)
    op.create_index("ix_case_line_order_line_id", "case_line", ["order_line_id"], unique=False)
    op.create_table(
        "case_step",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "evidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "actor_kind in ('buyer', 'merchant', 'platform', 'system', 'distributor')",
            name=op.f("ck_case_step_actor_kind_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_step_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_step")),
    )
    op.create_index("ix_case_step_case_id", "case_step", ["case_id"], unique=False)
    op.create_table(
        "cost_price",
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_cost_price_sku_id")),
        sa.PrimaryKeyConstraint("sku_id", "valid_from", name=op.f("pk_cost_price")),
    )
    op.create_table(
        "customer_join",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("into_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_join_customer_id")),
        sa.ForeignKeyConstraint(["into_id"], ["customer.id"], name=op.f("fk_customer_join_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_join")),
    )
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
    op.create_table(
        "floor_price",
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_floor_price_sku_id")),
        sa.PrimaryKeyConstraint("shop_id", "sku_id", name=op.f("pk_floor_price")),
    )
    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'goods'"), nullable=False),
        sa.Column("listing_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("variant_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("seller_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("variant", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=True),
        sa.Column("bundle_id", sa.BigInteger(), nullable=True),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("planned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("returned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refunded", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("list_amount", sa.BigInteger(), nullable=False),
        sa.Column("discount_merchant", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_platform", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_coin", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_member", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_distributor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tax_included", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("tax_remitted_by", sa.Text(), server_default=sa.text("'us'"), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("settlement_amount", sa.BigInteger(), nullable=True),
        sa.Column("platform_state", sa.Text(), nullable=False),
        sa.Column("refund_state", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("case_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("is_gift", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fulfiller", sa.Text(), server_default=sa.text("'us'"), nullable=False),
        sa.Column("bound_group", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("written_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "list_amount - discount_merchant - discount_platform - discount_coin - discount_member - discount_distributor + case when tax_included then 0 else tax_amount end = paid_amount",
            name=op.f("ck_order_line_amounts_add_up"),
        ),
        sa.CheckConstraint(
            "ordered > 0 and cancelled >= 0 and planned >= 0 and shipped >= 0 and returned >= 0 and refunded >= 0 and cancelled + planned + shipped <= ordered and returned <= shipped and refunded <= ordered",
            name=op.f("ck_order_line_units"),
        ),
        sa.CheckConstraint(
            "refunded_amount between 0 and greatest(paid_amount, 0)", name=op.f("ck_order_line_refunded_at_most_paid")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "external_no", name=op.f("uq_order_line_order_id_external_no")),
    )
    op.create_index(
        "ix_order_line_unmatched",
        "order_line",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("sku_id is null and bundle_id is null and kind = 'goods'"),
    )
    op.create_table(
        "parcel",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("waybill_no", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=True),
        sa.Column("collect_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trail_hash", postgresql.BYTEA(), nullable=True),
        sa.CheckConstraint(
            "state in ('created', 'handed_over', 'on_the_way', 'at_store', 'ready', 'out_for_delivery', 'delivered', 'trouble', 'refused', 'returning', 'returned', 'lost')",
            name=op.f("ck_parcel_state_known"),
        ),
        sa.ForeignKeyConstraint(["fulfilment_id"], ["fulfilment.id"], name=op.f("fk_parcel_fulfilment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("carrier_id", "waybill_no", name=op.f("uq_parcel_carrier_id_waybill_no")),
    )
    op.create_index("ix_parcel_fulfilment_id", "parcel", ["fulfilment_id"], unique=False)
    op.create_index("ix_parcel_waybill_no", "parcel", ["waybill_no"], unique=False)
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
        "refund",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("paid_by_platform", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state in ('due', 'submitted', 'paid', 'failed', 'void')", name=op.f("ck_refund_state_known")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_amount_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_refund_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    op.create_index("ix_refund_order_id", "refund", ["order_id"], unique=False)
    op.create_table(
        "return_receipt",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=True),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("waybill_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status in ('expected', 'announced', 'arrived', 'inspected', 'put_away', 'lost')",
            name=op.f("ck_return_receipt_status_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_return_receipt_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_receipt")),
    )
    op.create_index("ix_return_receipt_waybill", "return_receipt", ["waybill_no"], unique=False)
    op.create_table(
        "rule_set_version",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("rule_set_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("canary", sa.Integer(), server_default=sa.text("100"), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("comment", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('draft', 'active', 'archived')", name=op.f("ck_rule_set_version_state_known")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_rule_set_version_rule_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set_version")),
        sa.UniqueConstraint("rule_set_id", "number", name=op.f("uq_rule_set_version_rule_set_id_number")),
    )
    op.create_index(
        "uq_rule_set_version_active",
        "rule_set_version",
        ["rule_set_id"],
        unique=True,
        postgresql_where=sa.text("state = 'active' and canary = 100"),
    )
    op.create_table(
        "shop",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("shop_group_id", sa.BigInteger(), nullable=True),
        sa.Column("user_group_id", sa.BigInteger(), nullable=True),
        sa.Column("stock_pool_id", sa.BigInteger(), nullable=True),
        sa.Column("mode", sa.Text(), server_default=sa.text("'live'"), nullable=False),
        sa.Column("go_live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.Text(), server_default=sa.text("'own'"), nullable=False),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'Asia/Shanghai'"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("merge_window_s", sa.Integer(), server_default=sa.text("300"), nullable=False),
        sa.Column("merge_cap", sa.Integer(), server_default=sa.text("20"), nullable=False),
        sa.Column("reserve_at", sa.Text(), server_default=sa.text("'payment'"), nullable=False),
        sa.Column("max_parcels", sa.Integer(), server_default=sa.text("3"), nullable=False),
        sa.Column("merge_invoice_policy", sa.Text(), server_default=sa.text("'sum'"), nullable=False),
        sa.Column("merge_gift_policy", sa.Text(), server_default=sa.text("'keep'"), nullable=False),
        sa.Column("ship_hours_paid", sa.BigInteger(), nullable=True),
        sa.Column("ship_hours_cod", sa.BigInteger(), nullable=True),
        sa.Column(
            "settings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode in ('live', 'observing', 'closed')", name=op.f("ck_shop_mode_known")),
        sa.CheckConstraint("owner in ('own', 'agent', 'distributor')", name=op.f("ck_shop_owner_known")),
        sa.CheckConstraint("reserve_at in ('order', 'payment')", name=op.f("ck_shop_reserve_at_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_shop_account_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_shop_channel_id")),
        sa.ForeignKeyConstraint(["shop_group_id"], ["shop_group.id"], name=op.f("fk_shop_shop_group_id")),
        sa.ForeignKeyConstraint(["stock_pool_id"], ["stock_pool.id"], name=op.f("fk_shop_stock_pool_id")),
        sa.ForeignKeyConstraint(["user_group_id"], ["user_group.id"], name=op.f("fk_shop_user_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sa.UniqueConstraint("code", name=op.f("uq_shop_code")),
    )
    op.create_index("ix_shop_account_id", "shop", ["account_id"], unique=False)
    op.create_table(
        "stock_point",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'warehouse'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("warehouse_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("owner_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("division_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("delivery_radius_m", sa.BigInteger(), nullable=True),
        sa.Column("handling_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("daily_capacity", sa.BigInteger(), nullable=True),
        sa.Column("cut_off", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "hours", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('warehouse', 'store')", name=op.f("ck_stock_point_kind_known")),
        sa.CheckConstraint("state in ('open', 'outage', 'closed')", name=op.f("ck_stock_point_state_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_stock_point_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_point")),
        sa.UniqueConstraint("code", name=op.f("uq_stock_point_code")),
    )
    op.create_table(
        "transfer_line",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("sent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("return_line_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_line_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_line")),
    )
    op.create_table(
        "user_group_member",
        sa.Column("user_group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_group_id"], ["user_group.id"], name=op.f("fk_user_group_member_user_group_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_group_member_user_id")),
        sa.PrimaryKeyConstraint("user_group_id", "user_id", name=op.f("pk_user_group_member")),
    )
    op.create_table(
        "user_role",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_user_role_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_role_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint("user_id", "role_id", name=op.f("uq_user_role_user_id_role_id")),
    )
    op.create_index("ix_user_role_user_id", "user_role", ["user_id"], unique=False)
    op.create_table(
        "warehouse_item",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_warehouse_item_account_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_warehouse_item_sku_id")),
        sa.PrimaryKeyConstraint("account_id", "sku_id", name=op.f("pk_warehouse_item")),
    )
    op.create_table(
        "carrier_coverage",
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("division_prefix", sa.Text(), nullable=False),
        sa.Column("is_deliverable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_carrier_coverage_carrier_id")),
        sa.PrimaryKeyConstraint("carrier_id", "division_prefix", name=op.f("pk_carrier_coverage")),
    )
    op.create_table(
        "carrier_tariff",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("division_prefix", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("first_g", sa.Integer(), server_default=sa.text("1000"), nullable=False),
        sa.Column("first_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("step_g", sa.Integer(), server_default=sa.text("1000"), nullable=False),
        sa.Column("step_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("surcharge", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_carrier_tariff_carrier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_tariff")),
        sa.UniqueConstraint(
            "carrier_id",
            "stock_point_id",
            "division_prefix",
            name=op.f("uq_carrier_tariff_carrier_id_stock_point_id_division_prefix"),
        ),
    )
    op.create_table(
        "delivery_note_parcel",
        sa.Column("delivery_note_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.CheckConstraint(
            "result in ('open', 'received', 'missing', 'damaged')", name=op.f("ck_delivery_note_parcel_result_known")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_note_id"], ["delivery_note.id"], name=op.f("fk_delivery_note_parcel_delivery_note_id")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_delivery_note_parcel_parcel_id")),
        sa.PrimaryKeyConstraint("delivery_note_id", "parcel_id", name=op.f("pk_delivery_note_parcel")),
    )
    op.create_table(
        "demand",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), server_default=sa.text("'self'"), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("share_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("per_unit", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("dropped_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "origin in ('self', 'bundle', 'gift', 'swap', 'exchange')", name=op.f("ck_demand_origin_known")
        ),
        sa.CheckConstraint("per_unit >= 0", name=op.f("ck_demand_per_unit")),
        sa.CheckConstraint(
            "units > 0 and planned >= 0 and shipped >= 0 and cancelled >= 0 and planned + shipped + cancelled <= units",
            name=op.f("ck_demand_units"),
        ),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_demand_order_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
    )
    op.create_index("ix_demand_order_id", "demand", ["order_id"], unique=False)
    op.create_table(
        "listing",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("listing_no", sa.Text(), nullable=False),
        sa.Column("variant_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("seller_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("variant", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=True),
        sa.Column("bundle_id", sa.BigInteger(), nullable=True),
        sa.Column("matched_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("num_nonnulls(sku_id, bundle_id) <= 1", name=op.f("ck_listing_one_target")),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name=op.f("fk_listing_bundle_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_listing_shop_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_listing_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("shop_id", "listing_no", "variant_no", name=op.f("uq_listing_shop_id_listing_no_variant_no")),
    )
    op.create_index(
        "ix_listing_unmatched",
        "listing",
        ["shop_id"],
        unique=False,
        postgresql_where=sa.text("sku_id is null and bundle_id is null"),
    )
    op.create_table(
        "pool_member",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_pool_member_pool_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_pool_member_stock_point_id")),
        sa.PrimaryKeyConstraint("pool_id", "stock_point_id", name=op.f("pk_pool_member")),
    )
    op.create_table(
        "return_receipt_line",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("return_receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("requested", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_good", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_defective", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("result", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("difference_class", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "result in ('open', 'equal', 'short', 'over', 'wrong', 'damaged')",
            name=op.f("ck_return_receipt_line_result_known"),
        ),
        sa.ForeignKeyConstraint(
            ["return_receipt_id"], ["return_receipt.id"], name=op.f("fk_return_receipt_line_return_receipt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_receipt_line")),
    )
    op.create_table(
        "stock_level",
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("safety", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('good', 'defective', 'inspecting', 'in_transit', 'presale')",
            name=op.f("ck_stock_level_kind_known"),
        ),
        sa.CheckConstraint(
            "on_hand >= 0 and reserved >= 0 and safety >= 0", name=op.f("ck_stock_level_never_below_zero")
        ),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_stock_level_sku_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_stock_level_stock_point_id")),
        sa.PrimaryKeyConstraint("stock_point_id", "sku_id", "kind", name=op.f("pk_stock_level")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "stream_cursor",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("last_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("documents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_stream_cursor_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "stream", name=op.f("pk_stream_cursor")),
    )
    op.create_table(
        "sync_schedule",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("every_s", sa.Integer(), server_default=sa.text("60"), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("every_s between 1 and 86400", name=op.f("ck_sync_schedule_every_s_sane")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_sync_schedule_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_schedule")),
        sa.UniqueConstraint("shop_id", "stream", name=op.f("uq_sync_schedule_shop_id_stream")),
    )
    op.create_table(
        "fulfilment_line",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("short", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("share_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "planned > 0 and shipped >= 0 and short >= 0 and cancelled >= 0 and shipped + short + cancelled <= planned",
            name=op.f("ck_fulfilment_line_units"),
        ),
        sa.ForeignKeyConstraint(["demand_id"], ["demand.id"], name=op.f("fk_fulfilment_line_demand_id")),
        sa.ForeignKeyConstraint(["fulfilment_id"], ["fulfilment.id"], name=op.f("fk_fulfilment_line_fulfilment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfilment_line")),
    )
    op.create_index("ix_fulfilment_line_fulfilment_id", "fulfilment_line", ["fulfilment_id"], unique=False)
    op.create_index("ix_fulfilment_line_order_id", "fulfilment_line", ["order_id"], unique=False)
    op.create_table(
        "parcel_item",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("fulfilment_line_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("lot", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("serials", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.CheckConstraint("units > 0", name=op.f("ck_parcel_item_units_positive")),
        sa.ForeignKeyConstraint(
            ["fulfilment_line_id"], ["fulfilment_line.id"], name=op.f("fk_parcel_item_fulfilment_line_id")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_item_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_item")),
    )
    op.create_index("ix_parcel_item_order_id", "parcel_item", ["order_id"], unique=False)
    op.create_index("ix_parcel_item_parcel_id", "parcel_item", ["parcel_id"], unique=False)
    for table in PARTITIONED:
        op.execute(f"create table {table}_rest partition of {table} default")
    op.execute(ALLOCATION)


def downgrade() -> None:
    op.execute("drop view allocation")
    op.drop_index("ix_parcel_item_parcel_id", table_name="parcel_item")
    op.drop_index("ix_parcel_item_order_id", table_name="parcel_item")
    op.drop_table("parcel_item")
    op.drop_index("ix_fulfilment_line_order_id", table_name="fulfilment_line")
    op.drop_index("ix_fulfilment_line_fulfilment_id", table_name="fulfilment_line")
    op.drop_table("fulfilment_line")
    op.drop_table("sync_schedule")
    op.drop_table("stream_cursor")
    op.drop_table("stock_level")
    op.drop_table("return_receipt_line")
    op.drop_table("pool_member")
    op.drop_index(
        "ix_listing_unmatched", table_name="listing", postgresql_where=sa.text("sku_id is null and bundle_id is null")
    )
    op.drop_table("listing")
    op.drop_index("ix_demand_order_id", table_name="demand")
    op.drop_table("demand")
    op.drop_table("delivery_note_parcel")
    op.drop_table("carrier_tariff")
    op.drop_table("carrier_coverage")
    op.drop_table("warehouse_item")
    op.drop_index("ix_user_role_user_id", table_name="user_role")
    op.drop_table("user_role")
    op.drop_table("user_group_member")
    op.drop_table("transfer_line")
    op.drop_table("stock_point")
    op.drop_index("ix_shop_account_id", table_name="shop")
    op.drop_table("shop")
    op.drop_index(
        "uq_rule_set_version_active",
        table_name="rule_set_version",
        postgresql_where=sa.text("state = 'active' and canary = 100"),
    )
    op.drop_table("rule_set_version")
    op.drop_index("ix_return_receipt_waybill", table_name="return_receipt")
    op.drop_table("return_receipt")
    op.drop_index("ix_refund_order_id", table_name="refund")
    op.drop_table("refund")
    op.drop_table("pool_level")
    op.drop_index("ix_parcel_waybill_no", table_name="parcel")
    op.drop_index("ix_parcel_fulfilment_id", table_name="parcel")
    op.drop_table("parcel")
    op.drop_index(
        "ix_order_line_unmatched",
        table_name="order_line",
        postgresql_where=sa.text("sku_id is null and bundle_id is null and kind = 'goods'"),
    )
    op.drop_table("order_line")
    op.drop_table("floor_price")
    op.drop_index("ix_demand_reservation_order_id", table_name="demand_reservation")
    op.drop_index(
        "ix_demand_reservation_expires",
        table_name="demand_reservation",
        postgresql_where=sa.text("expires_at is not null"),
    )
    op.drop_table("demand_reservation")
    op.drop_table("customer_join")
    op.drop_table("cost_price")
    op.drop_index("ix_case_step_case_id", table_name="case_step")
    op.drop_table("case_step")
    op.drop_index("ix_case_line_order_line_id", table_name="case_line")
    op.drop_index("ix_case_line_case_id", table_name="case_line")
    op.drop_table("case_line")
    op.drop_table("carrier")
    op.drop_table("call_budget")
    op.drop_table("bundle_part")
    op.drop_table("work_count")
    op.drop_table("users")
    op.drop_table("user_group")
    op.drop_table("transfer")
    op.drop_table("stored_setting")
    op.drop_table("stock_quota")
    op.drop_table("stock_pool")
    op.drop_table("stock_movement")
    op.drop_table("sku")
    op.drop_table("shop_group")
    op.drop_table("seen_key")
    op.drop_table("rule_set")
    op.drop_table("role")
    op.drop_index("ix_review_decision_order_id", table_name="review_decision")
    op.drop_table("review_decision")
    op.drop_table("refused_push")
    op.drop_index(
        "ix_receiver_phone_tail", table_name="receiver", postgresql_where=sa.text("phone_tail_blind is not null")
    )
    op.drop_index("ix_receiver_phone", table_name="receiver", postgresql_where=sa.text("phone_blind is not null"))
    op.drop_index("ix_receiver_name", table_name="receiver", postgresql_where=sa.text("name_blind is not null"))
    op.drop_index("ix_receiver_address", table_name="receiver", postgresql_where=sa.text("address_blind is not null"))
    op.drop_table("receiver")
    op.drop_table("raw_document")
    op.drop_index("ix_push_message_number", table_name="push_message", postgresql_where=sa.text("number <> ''"))
    op.drop_index("ix_push_message_failed", table_name="push_message", postgresql_where=sa.text("state = 'failed'"))
    op.drop_index("ix_push_message_due", table_name="push_message", postgresql_where=sa.text("state = 'new'"))
    op.drop_table("push_message")
    op.drop_index("ix_pending_reference_due", table_name="pending_reference")
    op.drop_table("pending_reference")
    op.drop_index("ix_payment_order_id", table_name="payment")
    op.drop_table("payment")
    op.drop_index("ix_parked_record_open", table_name="parked_record", postgresql_where=sa.text("state = 'parked'"))
    op.drop_table("parked_record")
    op.drop_table("parcel_event")
    op.drop_index("ix_outbound_attempt_outbound_id", table_name="outbound_attempt")
    op.drop_table("outbound_attempt")
    op.drop_index("ix_outbound_order_id", table_name="outbound", postgresql_where=sa.text("order_id is not null"))
    op.drop_index("ix_outbound_open", table_name="outbound", postgresql_where=sa.text("state not in ('done', 'void')"))
    op.drop_index("ix_outbound_fulfilment_id", table_name="outbound")
    op.drop_index("ix_outbound_due", table_name="outbound", postgresql_where=sa.text("due_at is not null"))
    op.drop_table("outbound")
    op.drop_index("ix_orders_work", table_name="orders", postgresql_where=sa.text("status in ('unpaid', 'open')"))
    op.drop_index(
        "ix_orders_review",
        table_name="orders",
        postgresql_where=sa.text("phase = 'review' and status in ('unpaid', 'open')"),
    )
    op.drop_index("ix_orders_recent", table_name="orders")
    op.drop_index("ix_orders_ready", table_name="orders", postgresql_where=sa.text("ready_at is not null"))
    op.drop_index("ix_orders_customer", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_merge_group_due_at", table_name="merge_group")
    op.drop_table("merge_group")
    op.drop_table("lease")
    op.drop_index("ix_invoice_request_order_id", table_name="invoice_request")
    op.drop_table("invoice_request")
    op.drop_index(
        "ix_interception_unacknowledged",
        table_name="interception",
        postgresql_where=sa.text("state in ('failed', 'expired') and acknowledged_by = ''"),
    )
    op.drop_index("ix_interception_order_id", table_name="interception")
    op.drop_index("ix_interception_open", table_name="interception", postgresql_where=sa.text("ended_at is null"))
    op.drop_index("ix_interception_fulfilment_id", table_name="interception")
    op.drop_table("interception")
    op.drop_index("ix_hold_order_id", table_name="hold")
    op.drop_index("ix_hold_open", table_name="hold", postgresql_where=sa.text("cleared_at is null"))
    op.drop_table("hold")
    op.drop_index(
        "ix_fulfilment_merged_into_id",
        table_name="fulfilment",
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.drop_index(
        "ix_fulfilment_merge",
        table_name="fulfilment",
        postgresql_where=sa.text("merge_key is not null and status = 'planned'"),
    )
    op.drop_index(
        "ix_fulfilment_live",
        table_name="fulfilment",
        postgresql_where=sa.text("status not in ('shipped', 'cancelled', 'merged', 'closed_short')"),
    )
    op.drop_index("ix_fulfilment_lead_order_id", table_name="fulfilment")
    op.drop_table("fulfilment")
    op.drop_table("event")
    op.drop_index("ix_emergency_stop_open", table_name="emergency_stop", postgresql_where=sa.text("ended_at is null"))
    op.drop_table("emergency_stop")
    op.drop_index("ix_division_parent_code", table_name="division")
    op.drop_table("division")
    op.drop_index("ix_discount_share_order_id", table_name="discount_share")
    op.drop_table("discount_share")
    op.drop_table("delivery_note")
    op.drop_table("decision")
    op.drop_table("data_key")
    op.drop_table("customer")
    op.drop_table("channel")
    op.drop_table("change_feed")
    op.drop_index("ix_cases_unlinked", table_name="cases", postgresql_where=sa.text("order_id is null"))
    op.drop_index("ix_cases_order_id", table_name="cases")
    op.drop_index("ix_cases_open", table_name="cases", postgresql_where=sa.text("outcome = 'open'"))
    op.drop_table("cases")
    op.drop_table("bundle")
    op.drop_table("blacklist_entry")
    op.drop_table("audit_root")
    op.drop_table("api_key")
    op.drop_table("alert")
    op.drop_table("account")
    op.execute("drop sequence id_seq")
