"""Notices as people read them: of their teams, of themselves, or of everybody; only of shops they may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

SIZE: Final = 100
#: What a person is told of: a notice without a team and a person is for everybody.
_MINE: Final = """(n.user_id = :user_id or (n.user_id is null and (n.user_group_id is null
  or n.user_group_id in (select m.user_group_id from user_group_member m where m.user_id = :user_id))))
  and (n.shop_id is null or n.shop_id = any(:shop_ids))"""
_LIST = text(f"""
select n.id, n.at, n.kind, n.order_id, n.words, n.detail, n.read_at, o.external_no, s.name as shop, g.name as team,
  (select u.display_name from users u where 'user:' || u.id = n.read_by) as reader
from notice n left join orders o on o.id = n.order_id left join shop s on s.id = n.shop_id
left join user_group g on g.id = n.user_group_id
where {_MINE} and (:with_read or n.read_at is null) order by n.at desc, n.id desc limit :size""")
_UNREAD = text(f"""
select count(*) from (select from notice n where n.read_at is null and {_MINE} limit 100) u""")
_READ = text(f"""
update notice n set read_at = :at, read_by = :by where n.read_at is null and {_MINE} and (:every or n.id = any(:ids))""")


def list_notices(
    connection: Connection, user_id: int, shop_ids: Sequence[int], *, with_read: bool = False
) -> Sequence[AnyRow]:
    """The newest notices of a person, a hundred at most."""
    asked = {"user_id": user_id, "shop_ids": list(shop_ids), "with_read": with_read, "size": SIZE}
    return connection.execute(_LIST, asked).all()


def count_unread(connection: Connection, user_id: int, shop_ids: Sequence[int]) -> int:
    """How many notices of a person nobody has read; 100 stands for more."""
    return int(connection.execute(_UNREAD, {"user_id": user_id, "shop_ids": list(shop_ids)}).scalar_one())


def mark_read(
    connection: Connection, user_id: int, shop_ids: Sequence[int], ids: Sequence[int] | None, by: str, at: object
) -> int:
    """Take notices of a person as read, all of them where no ids are named; answers how many that were.

    What a team is told of one of them reads for all, and it is kept who.
    """
    asked = {
        "user_id": user_id,
        "shop_ids": list(shop_ids),
        "every": ids is None,
        "ids": list(ids or ()),
        "by": by,
        "at": at,
    }
    return connection.execute(_READ, asked).rowcount
