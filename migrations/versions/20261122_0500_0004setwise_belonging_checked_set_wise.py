"""Lines, demands and allocations belong to rows that exist, checked once a statement instead of once a row.

A foreign key asks for its parent row by row, which was a tenth of PostgreSQL's time for an order. These triggers ask one
question a COPY for the four tables that every order fills: a child without its parent, and a parent taken away from its
children, are refused with foreign_key_violation under the old constraint's name. Unlike foreign keys they lock no
parent: a deletion and an insertion that do not see each other both pass (docs/decisions/0009). The hub deletes none.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

from alembic import op

revision = "0004setwise"
down_revision = "0003statements"
branch_labels = None
depends_on = None

#: (child, column, parent); the column holds the parent's id.
BELONGS = (
    ("order_line", "order_id", "orders"),
    ("demand", "order_line_id", "order_line"),
    ("fulfilment_line", "fulfilment_id", "fulfilment"),
    ("fulfilment_line", "demand_id", "demand"),
)

#: Without the settings a cached plan could read the whole parent table for a handful of rows.
INSERTED = """
create function {name}_inserted() returns trigger language plpgsql
    set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
begin
    if exists (select from added a where not exists (select from {parent} p where p.id = a.{column})) then
        raise foreign_key_violation using constraint = '{name}', table = '{child}',
            message = 'a row of {child} names no row of {parent} in {column}';
    end if;
    return null;
end $$"""
MOVED = """
create function {name}_moved() returns trigger language plpgsql as $$
begin
    if not exists (select from {parent} p where p.id = new.{column}) then
        raise foreign_key_violation using constraint = '{name}', table = '{child}',
            message = 'a row of {child} names no row of {parent} in {column}';
    end if;
    return null;
end $$"""
DELETED = """
create function {name}_deleted() returns trigger language plpgsql as $$
begin
    if exists (select from gone g join {child} c on c.{column} = g.id) then
        raise foreign_key_violation using constraint = '{name}', table = '{parent}',
            message = 'rows of {child} still belong to a row of {parent}';
    end if;
    return null;
end $$"""
TRIGGERS = (
    "create trigger {name}_inserted after insert on {child} referencing new table as added"
    " for each statement execute function {name}_inserted()",
    "create trigger {name}_moved after update of {column} on {child}"
    " for each row when (old.{column} is distinct from new.{column}) execute function {name}_moved()",
    "create trigger {name}_deleted after delete on {parent} referencing old table as gone"
    " for each statement execute function {name}_deleted()",
)


def upgrade() -> None:
    for child, column, parent in BELONGS:
        names = {"child": child, "column": column, "parent": parent, "name": f"fk_{child}_{column}"}
        op.drop_constraint(names["name"], child, type_="foreignkey")
        for statement in (INSERTED, MOVED, DELETED, *TRIGGERS):
            op.execute(statement.format(**names))


def downgrade() -> None:
    for child, column, parent in BELONGS:
        name = f"fk_{child}_{column}"
        for suffix, table in (("inserted", child), ("moved", child), ("deleted", parent)):
            op.execute(f"drop trigger {name}_{suffix} on {table}")
            op.execute(f"drop function {name}_{suffix}()")
        op.create_foreign_key(name, child, parent, [column], ["id"])
