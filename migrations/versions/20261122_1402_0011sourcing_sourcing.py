"""Plans of the batch planner, planning again, variants tried.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0011sourcing"
down_revision = "0010promises"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
