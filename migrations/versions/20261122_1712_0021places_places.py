"""Places of orders, coverage.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0021places"
down_revision = "0020steering"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
