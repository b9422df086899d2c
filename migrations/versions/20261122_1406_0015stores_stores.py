"""Stores: delivery notes, collection, tasks, notices to buyers.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0015stores"
down_revision = "0014labels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
