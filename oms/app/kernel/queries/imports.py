"""What the pages of uploads list: files that came, with their counts; never what was in them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from oms.app.kernel.queries.pages import AnyRow
from oms.db.completeness import ImportBatch

MOST = 50


def uploads(connection: Connection, kind: str, limit: int = MOST, actor: str | None = None) -> Sequence[AnyRow]:
    """The newest uploads of a kind; one person's only, when an actor is given."""
    columns = (ImportBatch.id, ImportBatch.file_name, ImportBatch.rows, ImportBatch.taken, ImportBatch.repeated,
               ImportBatch.failed, ImportBatch.imported_by, ImportBatch.created_at)  # fmt: skip
    statement = select(*columns).where(ImportBatch.kind == kind).order_by(ImportBatch.id.desc()).limit(limit)
    if actor is not None:
        statement = statement.where(ImportBatch.imported_by == actor)
    return connection.execute(statement).all()
