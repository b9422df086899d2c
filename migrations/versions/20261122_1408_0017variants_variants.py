"""Ways of sourcing tried over open orders.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0017variants"
down_revision = "0016following"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
