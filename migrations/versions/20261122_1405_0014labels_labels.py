"""E-waybills.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0014labels"
down_revision = "0013packing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
