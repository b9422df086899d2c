"""Work at warehouses without a system; stopping and its record.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0013packing"
down_revision = "0012joining"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
