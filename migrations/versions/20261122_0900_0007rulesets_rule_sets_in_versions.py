"""Drafts, canaries, limits and troubles of rule sets; a version that was active once is never changed again.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007rulesets"
down_revision = "0006operations"
branch_labels = None
depends_on = None

VERSION = "rule_set_version"
ADDED = ("limits", "revision", "changed_at", "changed_by", "activated_by", "archived_at", "copied_from_id")

KEPT = """
create function rule_set_version_kept() returns trigger language plpgsql as $$
begin
    if old.state = 'draft' then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    if tg_op = 'DELETE' or new.state = 'draft'
       or (new.id, new.rule_set_id, new.number, new.body, new.limits, new.author, new.comment, new.created_at)
          is distinct from
          (old.id, old.rule_set_id, old.number, old.body, old.limits, old.author, old.comment, old.created_at) then
        raise check_violation using constraint = 'ck_rule_set_version_kept', table = 'rule_set_version',
            message = 'a version that was active is never changed; make a new draft';
    end if;
    return new;
end $$"""


def upgrade() -> None:
    _version()
    _uses()
    _troubles()
    op.execute(KEPT)
    op.execute(
        "create trigger rule_set_version_kept before update or delete on rule_set_version"
        " for each row execute function rule_set_version_kept()"
    )


def _version() -> None:
    empty, blank = sa.text("'[]'::jsonb"), sa.text("''")
    op.add_column(VERSION, sa.Column("limits", postgresql.JSONB(), nullable=False, server_default=empty))
    op.add_column(VERSION, sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column(VERSION, sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.add_column(VERSION, sa.Column("changed_by", sa.Text(), nullable=False, server_default=blank))
    op.add_column(VERSION, sa.Column("activated_by", sa.Text(), nullable=False, server_default=blank))
    op.add_column(VERSION, sa.Column("archived_at", sa.DateTime(timezone=True)))
    op.add_column(VERSION, sa.Column("copied_from_id", sa.BigInteger()))
    op.create_check_constraint(op.f("ck_rule_set_version_canary_is_a_share"), VERSION, "canary between 1 and 100")
    op.create_index(
        "uq_rule_set_version_canary", VERSION, ["rule_set_id"], unique=True,
        postgresql_where=sa.text("state = 'active' and canary < 100"),
    )  # fmt: skip


def _uses() -> None:
    op.create_table(
        "rule_use",
        sa.Column("rule_set_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rule_set_id", "rule_id", "action", "order_id", name="pk_rule_use"),
    )
    op.create_index("ix_rule_use_at", "rule_use", ["rule_set_id", "rule_id", "action", "at"])


def _troubles() -> None:
    op.create_table(
        "rule_trouble",
        sa.Column("id", sa.BigInteger(), nullable=False, server_default=sa.text("nextval('id_seq')")),
        sa.Column(
            "rule_set_id",
            sa.BigInteger(),
            sa.ForeignKey("rule_set.id", name="fk_rule_trouble_rule_set_id"),
            nullable=False,
        ),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True)),
        sa.Column("cleared_by", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id", name="pk_rule_trouble"),
        sa.CheckConstraint("kind in ('unhealthy', 'paused')", name="ck_rule_trouble_kind_known"),
    )
    op.create_index(
        "uq_rule_trouble_open", "rule_trouble", ["rule_set_id", "rule_id", "kind"], unique=True,
        postgresql_where=sa.text("cleared_at is null"),
    )  # fmt: skip


def downgrade() -> None:
    op.execute("drop trigger rule_set_version_kept on rule_set_version")
    op.execute("drop function rule_set_version_kept()")
    op.drop_table("rule_trouble")
    op.drop_table("rule_use")
    op.drop_index("uq_rule_set_version_canary", VERSION)
    op.drop_constraint(op.f("ck_rule_set_version_canary_is_a_share"), VERSION, type_="check")
    for column in reversed(ADDED):
        op.drop_column(VERSION, column)
