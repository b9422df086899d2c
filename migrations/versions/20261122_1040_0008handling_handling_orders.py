"""Tiers and limits of review, claims and shifts; detectors, member levels, gifts, escalations, notices; backtests.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008handling"
down_revision = "0007rulesets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _bulk_pass()
    _detector_setting()
    _escalation()
    _gift_counter()
    _gift_given()
    _member_level()
    _notice()
    _backtest()
    _duty_shift()
    _review_claim()
    _review_limit()
    _backtest_change()
    _shop_tier()
    op.add_column("shop", sa.Column("reviews_in_order", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    oddities = sa.Column("oddities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False)
    op.add_column("receiver", oddities)
    op.add_column("orders", sa.Column("tiers_next", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("review_decision", sa.Column("bulk_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_review_decision_forced",
        "review_decision",
        ["at"],
        unique=False,
        postgresql_where=sa.text("verdict = 'forced'"),
    )
    _ruled_cases()


def _ruled_cases() -> None:
    op.add_column("rule_set", sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("ruled_version", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index(
        "ix_cases_to_rule",
        "cases",
        ["id"],
        unique=False,
        postgresql_where=sa.text("review = 'waiting' and outcome = 'open' and ruled_version < version"),
    )


def _bulk_pass() -> None:
    op.create_table(
        "bulk_pass",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asked_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("order_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column(
            "refused", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_pass")),
    )


def _detector_setting() -> None:
    op.create_table(
        "detector_setting",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column(
            "thresholds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint(
            "scope in ('global', 'channel', 'shop_group', 'user_group', 'shop')",
            name=op.f("ck_detector_setting_scope_known"),
        ),
        sa.PrimaryKeyConstraint("scope", "scope_id", "kind", name=op.f("pk_detector_setting")),
    )


def _escalation() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("user_group_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("order_id", "rule_id", name=op.f("uq_escalation_order_id_rule_id")),
    )
    op.create_index(
        "ix_escalation_due", "escalation", ["due_at"], unique=False, postgresql_where=sa.text("done_at is null")
    )


def _gift_counter() -> None:
    op.create_table(
        "gift_counter",
        sa.Column("rule_set_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("given", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("given >= 0", name=op.f("ck_gift_counter_not_negative")),
        sa.PrimaryKeyConstraint("rule_set_id", "rule_id", "sku_id", name=op.f("pk_gift_counter")),
    )


def _gift_given() -> None:
    op.create_table(
        "gift_given",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=True),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("rule_set_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('given', 'dropped', 'out')", name=op.f("ck_gift_given_state_known")),
        sa.CheckConstraint("units > 0", name=op.f("ck_gift_given_units_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_given")),
        sa.UniqueConstraint(
            "order_id", "rule_set_id", "rule_id", "sku_id", name=op.f("uq_gift_given_order_id_rule_set_id_rule_id_sku_id")
        ),
    )
    op.create_index("ix_gift_given_rule", "gift_given", ["rule_set_id", "rule_id", "customer_id", "at"], unique=False)


def _member_level() -> None:
    op.create_table(
        "member_level",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_bp", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("discount_bp between 0 and 10000", name=op.f("ck_member_level_discount")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_member_level")),
    )


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("user_group_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index(
        "ix_notice_unread", "notice", ["user_group_id", "at"], unique=False, postgresql_where=sa.text("read_at is null")
    )


def _backtest() -> None:
    op.create_table(
        "backtest",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("rule_set_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("against_id", sa.BigInteger(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column(
            "question", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reached", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'running', 'done', 'failed', 'stopped')", name=op.f("ck_backtest_state_known")
        ),
        sa.CheckConstraint("from_at < until_at", name=op.f("ck_backtest_period")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_backtest_rule_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtest")),
    )
    op.create_index("ix_backtest_rule_set_id", "backtest", ["rule_set_id", "id"], unique=False)
    op.create_index(
        "ix_backtest_waiting",
        "backtest",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )


def _duty_shift() -> None:
    op.create_table(
        "duty_shift",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("user_group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("starts_min", sa.Integer(), nullable=False),
        sa.Column("ends_min", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'Asia/Shanghai'"), nullable=False),
        sa.CheckConstraint(
            "starts_min between 0 and 1439 and ends_min between 0 and 1440", name=op.f("ck_duty_shift_minutes")
        ),
        sa.ForeignKeyConstraint(["user_group_id"], ["user_group.id"], name=op.f("fk_duty_shift_user_group_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_duty_shift_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shift")),
    )
    op.create_index("ix_duty_shift_user_group_id", "duty_shift", ["user_group_id"], unique=False)


def _review_claim() -> None:
    op.create_table(
        "review_claim",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tier", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_group_id", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("num_nonnulls(user_id, user_group_id) > 0", name=op.f("ck_review_claim_a_holder")),
        sa.ForeignKeyConstraint(["user_group_id"], ["user_group.id"], name=op.f("fk_review_claim_user_group_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_claim_user_id")),
        sa.PrimaryKeyConstraint("order_id", "tier", name=op.f("pk_review_claim")),
    )
    op.create_index(
        "ix_review_claim_user_group_id",
        "review_claim",
        ["user_group_id"],
        unique=False,
        postgresql_where=sa.text("user_group_id is not null"),
    )
    op.create_index(
        "ix_review_claim_user_id",
        "review_claim",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("user_id is not null"),
    )


def _review_limit() -> None:
    op.create_table(
        "review_limit",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("most_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("most_amount >= 0", name=op.f("ck_review_limit_not_negative")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_review_limit_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_limit")),
        sa.UniqueConstraint("tier", "role_id", "currency", name=op.f("uq_review_limit_tier_role_id_currency")),
    )


def _backtest_change() -> None:
    op.create_table(
        "backtest_change",
        sa.Column("backtest_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("after", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("rules_before", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("rules_after", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("person", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["backtest_id"], ["backtest.id"], name=op.f("fk_backtest_change_backtest_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("backtest_id", "order_id", name=op.f("pk_backtest_change")),
    )
    op.create_index("ix_backtest_change_kind", "backtest_change", ["backtest_id", "kind", "order_id"], unique=False)


def _shop_tier() -> None:
    op.create_table(
        "shop_tier",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.Text(), server_default=sa.text("'auto'"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("mode in ('skip', 'auto', 'manual')", name=op.f("ck_shop_tier_mode_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_tier_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "tier", name=op.f("pk_shop_tier")),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_to_rule", "cases")
    op.drop_column("cases", "ruled_version")
    op.drop_column("rule_set", "wake_at")
    op.drop_column("receiver", "oddities")
    op.drop_index("ix_review_decision_forced", table_name="review_decision")
    op.drop_column("review_decision", "bulk_id")
    op.drop_column("orders", "tiers_next")
    op.drop_column("shop", "reviews_in_order")
    op.drop_table("shop_tier")
    op.drop_table("backtest_change")
    op.drop_table("review_limit")
    op.drop_table("review_claim")
    op.drop_table("duty_shift")
    op.drop_table("backtest")
    op.drop_table("notice")
    op.drop_table("member_level")
    op.drop_table("gift_given")
    op.drop_table("gift_counter")
    op.drop_table("escalation")
    op.drop_table("detector_setting")
    op.drop_table("bulk_pass")
